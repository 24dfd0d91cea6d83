import type { Logger } from 'pino';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';
import { labelNames } from '../../model/run.ts';
import { isFinal } from '../../model/task-state.ts';

export interface RemoveLeftoversPorts {
  tasks: TaskStore;
  runtime: Runtime;
  log: Logger;
}

/** Milliseconds after a task's end before remaining objects count as leaked: a pending request may still create some. */
const graceMs = 5 * 60_000;

/**
 * Removes objects of settled tasks: undeleted ones, and objects that appeared after the cleanup. Objects without a task on
 * record are left to removeOrphans.
 */
export async function removeLeftovers(
  { tasks, runtime, log }: RemoveLeftoversPorts,
  signal: AbortSignal,
  time = Date.now(),
): Promise<void> {
  const withUndeleted = await tasks.withUndeletedObjects();
  const known = new Set(withUndeleted.map(({ testId }) => testId));
  const existing = new Set((await runtime.listAllObjects()).map(({ labels }) => labels[labelNames.testId] ?? ''));
  const found = [...existing].filter((testId) => !known.has(testId));
  const leaked = (await tasks.settledWith(found)).filter(({ times }) => {
    return times.settledAt !== undefined && times.settledAt.getTime() + graceMs < time;
  });
  for (const task of [...withUndeleted, ...leaked]) {
    signal.throwIfAborted();
    const now = await tasks.summary(task.id);
    // The task may have been started again, and needs its objects.
    if (!now || !isFinal(now.state)) continue;
    const undeleted = await runtime.cleanup({ testId: task.testId }, signal);
    await tasks.setUndeletedObjects(task.id, undeleted);
    log.info({ taskId: task.id, before: task.debts.length, undeleted: undeleted.length }, describeCleanup(task));
  }
}

function describeCleanup({ debts }: TaskSummary): string {
  return debts.length > 0 ? 'retried the cleanup of undeleted objects' : 'removed leaked objects of a settled task';
}
