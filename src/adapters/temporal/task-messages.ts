import {
  ApplicationFailure,
  type Client,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { Fault, type FaultReport } from '../../model/fault.ts';
import type { TaskSteering } from '../../model/ports/orchestrator.ts';
import { taskWorkflowId } from '../../model/queues.ts';
import { taskMessages } from '../../model/task-messages.ts';
import { isUnavailable } from './with-deadline.ts';

/** Time limit for a worker's answer to a message. */
const answerTimeoutMs = 5000;

/** Sends the requests of users to task workflows as updates, which the workflow itself answers. */
export function createTaskSteering(client: Client): TaskSteering {
  const sendUpdate = async <T>(taskId: string, update: (handle: WorkflowHandle) => Promise<T>): Promise<T> => {
    const handle = client.workflow.getHandle(taskWorkflowId(taskId));
    try {
      return await client.withDeadline(Date.now() + answerTimeoutMs, () => update(handle));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        throw new Fault('conflict', `task ${taskId} has already ended`, { cause: error });
      }
      throw isUnavailable(error) ? noWorker(taskId, error) : updateFault(error);
    }
  };
  return {
    hold: (taskId, request, updateId) =>
      sendUpdate(taskId, (handle) => handle.executeUpdate(taskMessages.hold, { args: [request], updateId })),
    release: (taskId, updateId) =>
      sendUpdate(taskId, (handle) => handle.executeUpdate(taskMessages.release, { updateId })),
    retry: (taskId, request, updateId) =>
      sendUpdate(taskId, (handle) => handle.executeUpdate(taskMessages.retry, { args: [request], updateId })),
  };
}

/** Returns the fault by which a workflow rejected an update. */
export function updateFault(error: unknown): unknown {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  const report = cause instanceof ApplicationFailure ? (cause.details?.[0] as FaultReport | undefined) : undefined;
  return report ? new Fault(report.code, report.message, { hint: report.hint, cause: error }) : error;
}

function noWorker(taskId: string, cause: unknown): Fault {
  return new Fault(
    'unavailable',
    `no worker handled the request to task ${taskId} within ${answerTimeoutMs / 1000} s`,
    {
      hint: 'check that a worker runs and reaches Temporal (npm run worker); the request may still be handled: check the task before you retry, or retry with an Idempotency-Key',
      cause,
    },
  );
}
