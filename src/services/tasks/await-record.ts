import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';

/** Limit and interval of the poll for the workflow's next projection, in milliseconds. */
const maxWaitMs = 5000;
const pollIntervalMs = 20;

/**
 * Waits until the record of a task shows the answer of its workflow, so that later reads are consistent with it. Returns also
 * when the task does not exist. Throws `unavailable` when the record does not follow in time.
 */
export async function awaitRecord(
  tasks: Pick<TaskStore, 'summary'>,
  taskId: string,
  isShown: (task: TaskSummary) => boolean,
): Promise<void> {
  const deadline = Date.now() + maxWaitMs;
  for (;;) {
    const task = await tasks.summary(taskId);
    if (!task || isShown(task)) return;
    if (Date.now() > deadline) break;
    await setTimeout(pollIntervalMs);
  }
  throw new Fault('unavailable', `task ${taskId} accepted the request, but its record does not show it yet`, {
    hint: `check that a worker runs and reaches MongoDB; check GET /tasks/${taskId} before you repeat the request`,
  });
}
