import { type BuildInput, buildId, type FoundImage } from '../../model/build.ts';
import type { BuildStore } from '../../model/ports/builds.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';

export interface BeginBuildPorts {
  images: ImageBuilder;
  builds: BuildStore;
}

/** Records that a run of a build waits for a slot. If the image exists, returns it and leaves the build's record unchanged. */
export async function beginBuild(
  { images, builds }: BeginBuildPorts,
  { image }: BuildInput,
  runId: string,
  signal?: AbortSignal,
): Promise<FoundImage | undefined> {
  const id = buildId(image);
  const found = await images.find(image, signal);
  if (found) await builds.markFound(id);
  else await builds.begin(id, runId);
  return found;
}
