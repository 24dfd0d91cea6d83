import type { BuildStore } from '../../model/ports/builds.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** Removes a task from the builds that it joined; one that no other task had joined goes with its log. May be repeated. */
export async function forgetTask(
  { builds, logs }: { builds: BuildStore; logs: LogStore },
  taskId: string,
): Promise<void> {
  for (const id of await builds.onlyOf(taskId)) {
    await logs.delete(id);
    await builds.delete(id, taskId);
  }
  await builds.leave(taskId);
}
