import { rm } from 'node:fs/promises';
import type { ImageBuilder } from '../build/images/image-builder.ts';
import type { Repositories } from '../build/repositories/repositories.ts';
import { writeBuildLog } from '../logs/build-log.ts';
import { type BuildInput, buildId, buildStream, type FoundImage } from '../model/build.ts';
import type { LogStore } from '../model/log.ts';
import type { BuildStore } from '../model/ports.ts';

export interface RunBuildPorts {
  repositories: Repositories;
  images: ImageBuilder;
  builds: BuildStore;
  logs: LogStore;
}

/**
 * Builds an image from its repository at the commit, its output kept as the build's log; a later try goes on in the same
 * log. Faults: those of the repository, build_failed, engine_unavailable. An abort throws the signal's reason.
 */
export async function runBuild(
  ports: RunBuildPorts,
  { image, repo, commit, recipe }: BuildInput,
  { runId, tried }: { runId: string; tried: number },
  signal: AbortSignal,
): Promise<FoundImage & { built: boolean }> {
  // An earlier try may have finished it and died before it could say so.
  const found = await ports.images.find(image);
  if (found) return { ...found, built: tried > 1 };
  const id = buildId(image);
  await ports.builds.project(id, { runId, epoch: 2 }, { state: 'running', startedAt: new Date() });
  return writeBuildLog(ports.logs, { stream: buildStream(id, runId), buildId: id, tried }, async (onOutput) => {
    const tarPath = await ports.repositories.archive(repo, commit, recipe.context, signal);
    try {
      const { digest } = await ports.images.build({ image, repo, commit, tarPath, recipe, onOutput, signal });
      return { built: true, ...(digest !== undefined && { digest }) };
    } finally {
      await rm(tarPath, { force: true });
    }
  });
}
