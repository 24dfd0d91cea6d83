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
import { numberActivities } from '../activities.ts';
import { startSweep } from '../janitor/start-sweep.ts';
import { attributes } from '../search-attributes.ts';
import { task } from '../task/task.ts';
import type { JobEntity } from './job-entity.ts';

/** Tries until the workflow of a settled attempt has ended in Temporal, which takes a moment. */
const maxTries = 20;

/**
 * Starts the next task, or a settled one that runs again, and returns its id. Skips a number that Temporal knows
 * already, as the entity may have lost its history. Returns undefined when the accepted task was started already, or
 * the one to run again is running.
 */
export async function startTask(
  entity: JobEntity,
  request: TriggerRequest,
  waitsFor: string | undefined,
): Promise<string | undefined> {
  const { ALLOW_DUPLICATE, REJECT_DUPLICATE } = WorkflowIdReusePolicy;
  for (let tries = 1; ; tries += 1) {
    const input = entity.createTaskInput(request, waitsFor, await takeNumber(entity, request));
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
      void watchEnd(entity, taskId, child.result());
      return taskId;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (request.retry && request.accepted && tries < maxTries) await sleep('500 milliseconds');
      else if (request.retry || request.accepted) return undefined;
    }
  }
}

/**
 * Takes the next number from MongoDB, as tasks are also numbered when they are accepted. Undefined for a task that has
 * one.
 */
async function takeNumber({ jobId, lastNumber }: JobEntity, request: TriggerRequest): Promise<number | undefined> {
  if (request.retry || request.accepted || !patched('task numbers')) return undefined;
  const after = Math.max(lastNumber, request.lastNumber);
  // A worker may crash after taking a number: the retry uses the same id and gets the same number.
  return numberActivities.takeNumber({ jobId, after, by: uuid4() });
}

/** Waits for the end of a task and tells the entity. Starts a sweep for a terminated task, which could not clean up. */
async function watchEnd(entity: JobEntity, taskId: string, result: Promise<unknown>): Promise<void> {
  try {
    await result;
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    if (error.cause instanceof TerminatedFailure) await startSweep(taskId);
  }
  entity.markEnded(taskId);
}

/** Lets the next waiting task begin, if there is one. */
export async function beginNextTask(entity: JobEntity): Promise<void> {
  const taskId = entity.takeNext();
  if (taskId === undefined) return;
  if (!(await signalTask(taskId, taskMessages.proceed))) entity.markEnded(taskId);
}

/** Signals a task. Returns false when it has ended already. */
export async function signalTask(taskId: string, message: string, ...args: unknown[]): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(taskWorkflowId(taskId)).signal(message, ...args);
    return true;
  } catch {
    return false; // The only possible failure: the workflow has ended.
  }
}
