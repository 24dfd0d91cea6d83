import { TerminatedFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  sleep,
  startChild,
  uuid4,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { TriggerRequest } from '../../src/model/job-messages.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import { taskMessages } from '../../src/model/task-messages.ts';
import { numbers } from '../activities.ts';
import { startSweep } from '../janitor/start-sweep.ts';
import { attributes } from '../search-attributes.ts';
import { task } from '../task/task.ts';
import type { JobEntity } from './job-entity.ts';

/** An attempt that is settled ends in Temporal a moment later. */
const endingTries = 20;

/**
 * Starts the next task, or the settled one that is to run again, and returns its id. A number that Temporal knows already is
 * passed over: the entity had lost its history. Undefined when an
 * accepted one was started already, or the one that is to run again runs.
 */
export async function startTask(
  entity: JobEntity,
  request: TriggerRequest,
  waitsFor: string | undefined,
): Promise<string | undefined> {
  const { ALLOW_DUPLICATE, REJECT_DUPLICATE } = WorkflowIdReusePolicy;
  for (let tries = 1; ; tries += 1) {
    const input = entity.number(request, waitsFor, await takeNumber(entity, request));
    const taskId = `${input.jobId}-${input.number}`;
    try {
      const child = await startChild(task, {
        workflowId: taskWorkflowId(taskId),
        args: [input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: request.retry ? ALLOW_DUPLICATE : REJECT_DUPLICATE,
        staticSummary: `task ${input.number}, ${input.trigger.type}`,
        typedSearchAttributes: [
          { key: attributes.job, value: input.jobId },
          { key: attributes.flow, value: input.testFlowId },
          { key: attributes.state, value: 'init' },
          { key: attributes.trigger, value: input.trigger.type },
        ],
      });
      void whenEnded(entity, taskId, child.result());
      return taskId;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (request.retry && request.accepted && tries < endingTries) await sleep('500 milliseconds');
      else if (request.retry || request.accepted) return undefined;
    }
  }
}

/** Numbers come from one place, as tasks are numbered where they are accepted too. Undefined of those that have one. */
async function takeNumber({ jobId, lastNumber }: JobEntity, request: TriggerRequest): Promise<number | undefined> {
  if (request.retry || request.accepted || !patched('task numbers')) return undefined;
  const after = Math.max(lastNumber, request.lastNumber);
  // A worker may die between taking it and telling so: whoever goes on asks by the same name.
  return numbers.takeNumber({ jobId, after, by: uuid4() });
}

/** The entity learns of every end of its children. One that was terminated could not clean up, so somebody else has to. */
async function whenEnded(entity: JobEntity, taskId: string, result: Promise<unknown>): Promise<void> {
  try {
    await result;
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    if (error.cause instanceof TerminatedFailure) await startSweep(taskId);
  }
  entity.ended(taskId);
}

/** Lets the next waiting task begin. One that has ended meanwhile is told by its own end. */
export async function proceed(entity: JobEntity): Promise<void> {
  const taskId = entity.next();
  if (taskId === undefined) return;
  if (!(await tell(taskId, taskMessages.proceed))) entity.ended(taskId);
}

/** Signals a task; false when it has ended already. */
export async function tell(taskId: string, message: string, ...args: unknown[]): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(taskWorkflowId(taskId)).signal(message, ...args);
    return true;
  } catch {
    return false; // The only failure that the server knows here: the workflow is not there any more.
  }
}
