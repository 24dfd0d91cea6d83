import { createImageBuilder } from '../../adapters/images/image-builder.ts';
import { createScriptRunner } from '../../adapters/images/scripts/script-runner.ts';
import type { ScriptRunner } from '../../model/ports/build-scripts.ts';
import type { Repositories } from '../../model/ports/git.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import { type BaseImageOf, createBaseImageOf } from '../../services/builds/base-image-of.ts';
import type { ScriptSettings } from '../../services/builds/build-by-script.ts';
import { openRepositories } from '../process/open-repositories.ts';
import { registryAccounts } from './registry-accounts.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface BuildParts {
  repositories: Repositories;
  images: ImageBuilder;
  scripts: ScriptRunner;
  scriptSettings: ScriptSettings;
  baseImageOf: BaseImageOf;
  /** Registry that images are pushed to, or ''. */
  registry: string;
}

/** Creates the parts that builds need from the settings. */
export function createBuildParts({ config, docker, baseImage, log }: WorkerParts): BuildParts {
  const { REGISTRY: registry, REGISTRY_PASSWORD: password } = config;
  const accountOf = registryAccounts(config);
  const repositories = openRepositories(config, log);
  return {
    registry,
    repositories,
    baseImageOf: createBaseImageOf(repositories, baseImage),
    images: createImageBuilder({ docker, registries: config.REGISTRIES, accountOf, baseImage, log }),
    scripts: createScriptRunner(docker, accountOf),
    scriptSettings: {
      secretStore: config.SECRET_STORE,
      registry,
      proxy: config.BUILD_PROXY ?? '',
      dockerHost: config.DOCKER_HOST,
      secrets: password === undefined ? [] : [password],
    },
  };
}

/** Removes leftovers of builds of killed workers. Logs a failure; the next start tries again. */
export async function sweepBuilds({ repositories, scripts }: BuildParts, log: WorkerParts['log']): Promise<void> {
  for (const swept of await Promise.allSettled([repositories.sweep(), scripts.sweep()])) {
    if (swept.status === 'rejected') log.warn({ err: swept.reason }, 'cannot remove leftovers of killed workers');
  }
}
