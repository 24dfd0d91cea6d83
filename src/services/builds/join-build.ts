import type { ImageRequest, JoinedImage } from '../../model/activities.ts';
import { type BuildWaiter, buildId, buildStream } from '../../model/build.ts';
import type { BuildStore, BuildWorkflows } from '../../model/ports/builds.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { type ImageInputPorts, imageInput } from './image-input.ts';

export interface JoinBuildPorts extends ImageInputPorts {
  images: ImageBuilder;
  builds: BuildStore;
  buildWorkflows: BuildWorkflows;
  logs: LogStore;
}

/**
 * Returns the image of a task's component. If it does not exist, the task joins its build and shows the build's log.
 * Idempotent. Faults: not_found, plugin_invalid, those of the repository, engine_unavailable, registry_refused, unavailable.
 */
export async function joinBuild(
  ports: JoinBuildPorts,
  request: ImageRequest & { joined?: string },
  waiter: BuildWaiter,
  signal: AbortSignal,
): Promise<JoinedImage> {
  const { taskId, attempt, plugin, joined } = request;
  const input = await imageInput(ports, request, signal);
  const { image } = input;
  const id = buildId(image);
  if (joined !== undefined && (await ports.buildWorkflows.running(id)) === joined) {
    return { image, build: { id, runId: joined } };
  }
  const found = await ports.images.find(image, signal);
  if (found) return { image, ...found };
  await ports.builds.join({ ...input, id }, taskId);
  const runId = await ports.buildWorkflows.join(input, waiter);
  await ports.logs.open({ id: buildStream(id, runId), taskId, attempt, source: `build:${plugin}`, shared: true });
  return { image, build: { id, runId } };
}
