import type { ImageRequest } from '../../model/activities.ts';
import type { BuildInput } from '../../model/build.ts';
import { Fault } from '../../model/fault.ts';
import { imageReference } from '../../model/image-tag.ts';
import { isBuildable, recipeOf } from '../../model/plugin.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { BaseImageOf } from './base-image-of.ts';
import type { ScriptSettings } from './build-by-script.ts';

export interface ImageInputPorts {
  tasks: TaskStore;
  plugins: PluginStore;
  registry: string;
  images: Pick<ImageBuilder, 'platform'>;
  baseImageOf: BaseImageOf;
  scriptSettings: Pick<ScriptSettings, 'proxy'>;
}

/**
 * Returns the build input of a task's component, by the plugin's version in the flow. Faults: not_found, plugin_invalid,
 * engine_unavailable, those of the repository.
 */
export async function imageInput(
  ports: ImageInputPorts,
  { taskId, plugin: name, commit }: Omit<ImageRequest, 'attempt'>,
  signal: AbortSignal,
): Promise<BuildInput> {
  const plugin = await buildableOf(ports, taskId, name);
  const { repo, imageTarget } = plugin;
  const recipe = recipeOf(plugin);
  const baseImage = await ports.baseImageOf({ repo, commit, recipe }, signal);
  const platform = await ports.images.platform();
  const { proxy } = ports.scriptSettings;
  const image = imageReference({ registry: ports.registry, imageTarget, commit, recipe, baseImage, proxy, platform });
  return { image, repo, commit, recipe, baseImage };
}

async function buildableOf(ports: ImageInputPorts, taskId: string, name: string) {
  const task = await ports.tasks.get(taskId);
  if (!task) throw new Fault('not_found', `task ${taskId} has no record`);
  const version = task.pipeline.find((step) => step.plugin === name)?.version;
  const plugin = await ports.plugins.get(name, version);
  if (plugin && isBuildable(plugin)) return plugin;
  throw new Fault('plugin_invalid', `plugin ${name} ${version} with a repository is no longer in the plugin store`, {
    hint: 'upload it again, or save the test flow with an existing version',
  });
}
