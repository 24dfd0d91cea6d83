import type { Logger } from 'pino';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';
import { labelNames } from '../../model/run.ts';
import { isFinal } from '../../model/task-state.ts';

export interface TidyUpPorts {
  tasks: TaskStore;
  runtime: Runtime;
  log: Logger;
}

/** Milliseconds after a task's end before what it has is taken for forgotten: a request that was under way may still make something. */
const grace = 5 * 60_000;

/**
 * Removes what settled tasks still have: debts, and what came to light after their cleanup. What belongs to no task on
 * record is for removeOrphans.
 */
export async function tidyUp(
  { tasks, runtime, log }: TidyUpPorts,
  signal: AbortSignal,
  time = Date.now(),
): Promise<void> {
  const indebted = await tasks.indebted();
  const known = new Set(indebted.map(({ testId }) => testId));
  const there = new Set((await runtime.everything()).map(({ labels }) => labels[labelNames.testId] ?? ''));
  const found = [...there].filter((testId) => !known.has(testId));
  const forgotten = (await tasks.settledWith(found)).filter(({ times }) => {
    return times.settledAt !== undefined && times.settledAt.getTime() + grace < time;
  });
  for (const task of [...indebted, ...forgotten]) {
    signal.throwIfAborted();
    const now = await tasks.summary(task.id);
    // It may have been started again since: what exists now is what it needs.
    if (!now || !isFinal(now.state)) continue;
    const debts = await runtime.cleanup({ testId: task.testId }, signal);
    await tasks.setDebts(task.id, debts);
    log.info({ task: task.id, paid: task.debts.length, left: debts.length }, whatHappened(task));
  }
}

function whatHappened({ debts }: TaskSummary): string {
  return debts.length > 0 ? 'cleaned up again what could not be removed' : 'removed what a settled task still had';
}
