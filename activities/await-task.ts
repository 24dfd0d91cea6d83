import { setTimeout } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { RunnerActivities } from '../src/model/activities.ts';
import type { TaskStore } from '../src/model/ports/tasks.ts';
import { taskWorkflowId } from '../src/model/queues.ts';
import { isFinal } from '../src/model/task-state.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/** Interval between checks of a task that no worker has started. */
const checkIntervalMs = 500;

/** Creates the activity that waits for the end of a task. */
export function createAwaitTask({ tasks }: { tasks: Pick<TaskStore, 'summary'> }): RunnerActivities['awaitTask'] {
  return ({ taskId }) =>
    withHeartbeat(async ({ cancellationSignal }) => {
      // The workflow of an accepted task starts a little later, or never when the task is stopped before.
      for (let task = await tasks.summary(taskId); task?.queuedAt; task = await tasks.summary(taskId)) {
        await setTimeout(checkIntervalMs, undefined, { signal: cancellationSignal });
      }
      await untilClosed(taskWorkflowId(taskId), cancellationSignal);
      const task = await tasks.summary(taskId);
      // A workflow settles its task before it ends; a terminated one could not.
      if (!task || !isFinal(task.state)) return { state: 'canceled', outcome: 'stopped' };
      return { state: task.state, outcome: task.outcome };
    });
}

/** Waits until the newest run of a workflow has ended. Throws the reason of the signal as soon as it is aborted. */
async function untilClosed(workflowId: string, signal: AbortSignal): Promise<void> {
  // A worker's connection cannot abort a call, so the pending call is ignored.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  signal.throwIfAborted();
  try {
    await Promise.race([getClient().workflow.getHandle(workflowId).result(), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    // Temporal does not know a task that was stopped before its start.
    if (!(error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError)) throw error;
  }
}
