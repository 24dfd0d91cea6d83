import { setTimeout } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { RunnerActivities } from '../src/model/activities.ts';
import type { TaskStore } from '../src/model/ports/tasks.ts';
import { taskWorkflowId } from '../src/model/queues.ts';
import { isFinal } from '../src/model/task-state.ts';
import { alive } from './alive.ts';

/** Pause between two looks at a task that no worker has begun. */
const lookAgainMs = 500;

/** The activity that waits for a task's end, however it ends. */
export function createAwaitTask({ tasks }: { tasks: Pick<TaskStore, 'summary'> }): RunnerActivities['awaitTask'] {
  return ({ taskId }) =>
    alive(async ({ cancellationSignal }) => {
      // An accepted task has a workflow a little later, and none when it was stopped before.
      for (let task = await tasks.summary(taskId); task?.queuedAt; task = await tasks.summary(taskId)) {
        await setTimeout(lookAgainMs, undefined, { signal: cancellationSignal });
      }
      await untilClosed(taskWorkflowId(taskId), cancellationSignal);
      const task = await tasks.summary(taskId);
      // A workflow settles its task before it ends; a terminated one could not.
      if (!task || !isFinal(task.state)) return { state: 'canceled', outcome: 'stopped' };
      return { state: task.state, ...(task.outcome && { outcome: task.outcome }) };
    });
}

/** Returns when the workflow's newest run has ended, however. Throws the signal's reason as soon as it is aborted. */
async function untilClosed(workflowId: string, signal: AbortSignal): Promise<void> {
  // A worker's connection cannot abort a call: the one that asks is left to itself.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  signal.throwIfAborted();
  try {
    await Promise.race([getClient().workflow.getHandle(workflowId).result(), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    // Of one that was stopped before it began Temporal knows nothing.
    if (!(error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError)) throw error;
  }
}
