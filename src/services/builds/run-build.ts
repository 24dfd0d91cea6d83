import { rm } from 'node:fs/promises';
import { type BuildInput, buildId, buildStream, type FoundImage } from '../../model/build.ts';
import type { BuildStore } from '../../model/ports/builds.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { writeBuildLog } from '../logs/build-log.ts';
import { type BuildOutput, buildByScript, type ScriptBuildPorts } from './build-by-script.ts';
import { recipeSecrets } from './recipe-secrets.ts';

export interface RunBuildPorts extends ScriptBuildPorts {
  builds: BuildStore;
  logs: LogStore;
}

/**
 * Builds an image from its repository at the commit, and stores the output as the build's log, which later tries continue.
 * Faults: those of the repository, secret_invalid, build_failed, engine_unavailable. An abort throws the signal's reason.
 */
export async function runBuild(
  ports: RunBuildPorts,
  input: BuildInput,
  { runId, tried }: { runId: string; tried: number },
  signal: AbortSignal,
): Promise<FoundImage & { built: boolean }> {
  const { image, recipe } = input;
  // An earlier try may have built the image and crashed before its report.
  const found = await ports.images.find(image, signal);
  if (found) return { ...found, built: tried > 1 };
  const id = buildId(image);
  await ports.builds.project(id, { runId, epoch: 2 }, { state: 'running', startedAt: new Date() });
  return writeBuildLog(ports.logs, { stream: buildStream(id, runId), buildId: id, tried }, async (onOutput) => {
    const { script } = recipe;
    const output = { onOutput, signal };
    const made =
      script === undefined
        ? await buildByDockerfile(ports, input, output)
        : await buildByScript(ports, { ...input, recipe: { ...recipe, script } }, output);
    return { ...made, built: true };
  });
}

async function buildByDockerfile(
  { repositories, images, scriptSettings }: RunBuildPorts,
  { image, repo, commit, recipe, baseImage }: BuildInput,
  { onOutput, signal }: BuildOutput,
): Promise<FoundImage> {
  const secrets = await recipeSecrets(recipe, scriptSettings.secretStore);
  const tarPath = await repositories.archive(repo, commit, recipe.context, signal);
  try {
    const { digest } = await images.build({
      image,
      repo,
      commit,
      tarPath,
      recipe,
      baseImage,
      secrets,
      onOutput,
      signal,
    });
    return { digest };
  } finally {
    await rm(tarPath, { force: true });
  }
}
