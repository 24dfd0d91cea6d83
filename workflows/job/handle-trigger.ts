import { condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { FaultReport } from '../../src/model/fault.ts';
import type { AcceptedRun, TriggerRequest } from '../../src/model/job-messages.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import { taskMessages } from '../../src/model/task-messages.ts';
import { jobActivities } from '../activities.ts';
import type { JobEntity } from './job-entity.ts';
import { signalTask, startTask } from './start-task.ts';

/** Result of a request: a task, or the reason why there is none. */
export interface TriggerResult {
  accepted?: AcceptedRun;
  refused?: FaultReport;
}

/** Handles a request as the entity decides, and records the decision of a trigger, whose sender gets no answer. */
export async function handleTrigger(entity: JobEntity, request: TriggerRequest): Promise<TriggerResult> {
  let decision = entity.decide(request);
  if (request.accepted && decision.do === 'refuse') {
    // The request was accepted because the records of these are settled; their workflows end in a moment.
    const settled = await jobActivities('find settled tasks').settledTasks({ taskIds: entity.open });
    await condition(() => !settled.some((taskId) => entity.open.includes(taskId)), '10 seconds');
    decision = entity.decide(request);
  }
  switch (decision.do) {
    case 'start': {
      await Promise.all(decision.cancel.map(cancel));
      const taskId = await startTask(entity, request, decision.waitsFor);
      if (taskId === undefined) {
        const refused = alreadyRunning(entity, request);
        await cancelStart(entity, request, refused.message);
        return { refused };
      }
      return { accepted: entity.markStarted(request, taskId, decision.waitsFor !== undefined) };
    }
    case 'join': {
      const { taskId, trigger } = decision;
      if (!(await signalTask(taskId, taskMessages.join, trigger))) {
        entity.markEnded(taskId);
        return handleTrigger(entity, request);
      }
      entity.markAnswered(request, taskId);
      await record(entity, request, taskId, `joined waiting task ${taskId}`);
      return { accepted: acceptedOf(taskId) };
    }
    case 'answer': {
      entity.markAnswered(request, decision.taskId);
      await record(entity, request, decision.taskId, `started no task: ${decision.reason}`);
      return decision.taskId === undefined
        ? { refused: { code: 'conflict', message: decision.reason } }
        : { accepted: acceptedOf(decision.taskId) };
    }
    case 'refuse': {
      const { reason, taskId } = decision;
      const message = `task ${taskId} blocks this run: ${reason}`;
      await cancelStart(entity, request, message);
      // A manual run may be requested again with the same key; a trigger may not.
      if (request.trigger.type !== 'manual' || request.accepted) entity.markAnswered(request, undefined);
      await record(entity, request, undefined, `started no task: ${reason}`);
      const hint = `wait until task ${taskId} has ended, or stop it with POST /tasks/${taskId}/stop`;
      return { refused: { code: 'conflict', message, hint } };
    }
  }
}

function alreadyRunning({ jobId }: JobEntity, { retry }: TriggerRequest): FaultReport {
  const taskId = `${jobId}-${retry?.number}`;
  return {
    code: 'conflict',
    message: `task ${taskId} is already running`,
    hint: 'wait until it has ended, or stop it',
  };
}

/** Cancels the start of an accepted task that cannot run, with the reason on its record. */
async function cancelStart({ jobId }: JobEntity, { accepted }: TriggerRequest, reason: string): Promise<void> {
  if (!accepted) return;
  const { number, startId } = accepted;
  await jobActivities('cancel start').cancelStart({ taskId: `${jobId}-${number}`, startId, reason });
}

function acceptedOf(taskId: string): AcceptedRun {
  return { taskId, workflowId: taskWorkflowId(taskId) };
}

/** Requests cancellation of a task; ignores tasks that have already ended. */
async function cancel(taskId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(taskWorkflowId(taskId)).cancel();
  } catch {
    // The only possible failure: the workflow has ended.
  }
}

async function record(entity: JobEntity, request: TriggerRequest, taskId: string | undefined, decision: string) {
  const { trigger } = request;
  if (trigger.type === 'manual') return;
  await jobActivities(decision.slice(0, 100)).recordDecision({
    jobId: entity.jobId,
    trigger,
    decision,
    taskId,
  });
}
