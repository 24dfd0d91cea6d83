import type { BuildStore } from '../../model/ports/builds.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** Removes a task from the builds that it joined, and builds without another task with their logs. Idempotent. */
export async function forgetTask(
  { builds, logs }: { builds: BuildStore; logs: LogStore },
  taskId: string,
): Promise<void> {
  for (const id of await builds.onlyOf(taskId)) {
    await logs.delete(id);
    await builds.delete(id, taskId);
  }
  await builds.forgetTask(taskId);
}
