import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { ImageBuilder } from '../build/images/image-builder.ts';
import { imageName } from '../build/images/image-name.ts';
import type { Repositories } from '../build/repositories/repositories.ts';
import { writeBuildLog } from '../logs/build-log.ts';
import { Fault } from '../model/fault.ts';
import type { LogStore } from '../model/log.ts';
import { buildRecipeSchema, isBuildable } from '../model/plugin.ts';
import type { PluginStore, TaskStore } from '../model/ports.ts';

export interface EnsureImagePorts {
  repositories: Repositories;
  images: ImageBuilder;
  tasks: TaskStore;
  plugins: PluginStore;
  logs: LogStore;
  log: Logger;
  registry: string;
}

export interface ImageRequest {
  taskId: string;
  attempt: number;
  plugin: string;
  commit: string;
  /** Id of the build's log, another one for every try. */
  build: string;
}

/**
 * The image of a component at a commit: found, or built from the repository, its output kept as a log of the task. Faults:
 * not_found, plugin_invalid, those of the repository, build_failed, engine_unavailable. An abort throws the signal's reason.
 */
export async function ensureImage(
  ports: EnsureImagePorts,
  { taskId, attempt, plugin, commit, build }: ImageRequest,
  signal: AbortSignal,
): Promise<{ image: string; built: boolean }> {
  const { repo, imageTarget, build: ownRecipe } = await buildableOf(ports, taskId, plugin);
  const recipe = buildRecipeSchema.parse(ownRecipe ?? {});
  const image = imageName({ registry: ports.registry, imageTarget, commit, recipe });
  if (await ports.images.find(image)) return { image, built: false };
  await writeBuildLog(ports.logs, { id: build, taskId, attempt, plugin }, async (onOutput) => {
    const tarPath = await ports.repositories.archive(repo, commit, recipe.context, signal);
    try {
      await ports.images.build({ image, repo, commit, tarPath, recipe, onOutput, signal });
    } finally {
      await rm(tarPath, { force: true });
    }
  });
  return { image, built: true };
}

/** The plugin in the version that the task's flow uses. */
async function buildableOf(ports: EnsureImagePorts, taskId: string, name: string) {
  const task = await ports.tasks.get(taskId);
  if (!task) throw new Fault('not_found', `task ${taskId} has no record`);
  const version = task.pipeline.find((step) => step.plugin === name)?.version;
  const plugin = await ports.plugins.get(name, version);
  if (plugin && isBuildable(plugin)) return plugin;
  throw new Fault('plugin_invalid', `plugin ${name} ${version} with a repository is not in the plugin store any more`, {
    hint: 'put it back, or save the test flow with a version that exists',
  });
}
