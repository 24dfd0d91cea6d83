import type { BuildEnd } from '../../model/build.ts';
import type { BuildStore } from '../../model/ports/builds.ts';

/** Records the result and the duration of a run of a build. */
export async function endBuild(
  { builds }: { builds: BuildStore },
  { buildId, error, digest }: Omit<BuildEnd, 'built'>,
  runId: string,
): Promise<void> {
  const startedAt = (await builds.get(buildId))?.startedAt;
  const finishedAt = new Date();
  await builds.project(
    buildId,
    { runId, epoch: 3 },
    {
      state: error ? 'error' : 'success',
      finishedAt,
      ...(startedAt && { durationMs: finishedAt.getTime() - startedAt.getTime() }),
      ...(error && { error }),
      ...(digest !== undefined && { digest }),
    },
  );
}
