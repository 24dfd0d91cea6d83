import type { BuildStore } from '../../model/ports/builds.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';

/** Maximum number of builds per call. */
const batchSize = 50;

interface RemoveExpiredBuildsPorts {
  builds: BuildStore;
  tasks: TaskStore;
  logs: LogStore;
}

/** Removes the logs of builds that ended before, unless a task whose logs are retained shows them. */
export async function removeExpiredBuildLogs(
  { builds, tasks, logs }: RemoveExpiredBuildsPorts,
  before: Date,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, runId, taskIds } of await builds.withLogs(before, batchSize)) {
    signal.throwIfAborted();
    if ((await tasks.withLogs(taskIds)).length > 0) continue;
    await logs.delete(id);
    await builds.markLogsRemoved(id, runId, new Date());
  }
}

/** Removes builds that ended before and that no task on record has joined, with their logs. */
export async function removeExpiredBuilds(
  { builds, logs }: Pick<RemoveExpiredBuildsPorts, 'builds' | 'logs'>,
  before: Date,
  signal: AbortSignal,
): Promise<void> {
  for (const id of await builds.unused(before, batchSize)) {
    signal.throwIfAborted();
    await logs.delete(id);
    await builds.deleteUnused(id);
  }
}
