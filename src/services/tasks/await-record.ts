import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { TaskStore, TaskSummary } from '../../model/ports/tasks.ts';

/** How long the workflow's next projection may take after its answer, and between two looks for it, in milliseconds. */
const maxWaitMs = 5000;
const lookEveryMs = 20;

/**
 * Waits until the record of a task shows what its workflow has answered, so that every read after the answer knows it. A task
 * that is gone shows it too. Throws `unavailable` when the record does not follow.
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
    await setTimeout(lookEveryMs);
  }
  throw new Fault('unavailable', `task ${taskId} has taken the request, but its record does not show it yet`, {
    hint: `see that a worker runs and reaches MongoDB; look at GET /tasks/${taskId} before you ask again`,
  });
}
