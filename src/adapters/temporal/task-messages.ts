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
import { isUnanswered } from './unanswered.ts';

/** How long a message waits for a worker, in milliseconds. */
const answerWithin = 5000;

/** What people ask of held tasks, as updates of their workflows: an answer is one of the workflow itself. */
export function createTaskSteering(client: Client): TaskSteering {
  const ask = async <T>(taskId: string, update: (handle: WorkflowHandle) => Promise<T>): Promise<T> => {
    const handle = client.workflow.getHandle(taskWorkflowId(taskId));
    try {
      return await client.withDeadline(Date.now() + answerWithin, () => update(handle));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        throw new Fault('conflict', `task ${taskId} has ended already`, { cause: error });
      }
      throw isUnanswered(error) ? noWorker(taskId, error) : refusal(error);
    }
  };
  return {
    hold: (taskId, request, updateId) =>
      ask(taskId, (handle) => handle.executeUpdate(taskMessages.hold, { args: [request], updateId })),
    release: (taskId, updateId) => ask(taskId, (handle) => handle.executeUpdate(taskMessages.release, { updateId })),
    retry: (taskId, request, updateId) =>
      ask(taskId, (handle) => handle.executeUpdate(taskMessages.retry, { args: [request], updateId })),
  };
}

/** The fault by which a workflow refused an update. */
export function refusal(error: unknown): unknown {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  const report = cause instanceof ApplicationFailure ? (cause.details?.[0] as FaultReport | undefined) : undefined;
  return report ? new Fault(report.code, report.message, { hint: report.hint, cause: error }) : error;
}

function noWorker(taskId: string, cause: unknown): Fault {
  return new Fault('unavailable', `no worker took what was asked of task ${taskId} within ${answerWithin / 1000} s`, {
    hint: 'see that a worker runs and reaches Temporal (npm run worker); it may take the request still: look at the task before you ask again, or ask with an Idempotency-Key',
    cause,
  });
}
