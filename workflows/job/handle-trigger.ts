import { condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { FaultReport } from '../../src/model/fault.ts';
import type { Accepted, TriggerRequest } from '../../src/model/job-messages.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import { taskMessages } from '../../src/model/task-messages.ts';
import { jobRecords } from '../activities.ts';
import type { JobEntity } from './job-entity.ts';
import { startTask, tell } from './start-task.ts';

/** What a request got: a task, or the reason why there is none. */
export interface Handled {
  accepted?: Accepted;
  refused?: FaultReport;
}

/** Does with a request what the entity decides, and records what became of it where nobody waits for the answer. */
export async function answer(entity: JobEntity, request: TriggerRequest): Promise<Handled> {
  let decision = entity.decide(request);
  if (request.accepted && decision.do === 'refuse') {
    // Who asked has seen on record that these are over; their workflows end in a moment.
    const settled = await jobRecords('tasks that are settled').settledTasks({ taskIds: entity.open });
    await condition(() => !settled.some((taskId) => entity.open.includes(taskId)), '10 seconds');
    decision = entity.decide(request);
  }
  switch (decision.do) {
    case 'start': {
      await Promise.all(decision.cancel.map(cancel));
      const taskId = await startTask(entity, request, decision.waitsFor);
      if (taskId === undefined) {
        const refused = runsAlready(entity, request);
        await cancelStart(entity, request, refused.message);
        return { refused };
      }
      return { accepted: entity.started(request, taskId, decision.waitsFor !== undefined) };
    }
    case 'join': {
      const { taskId, trigger } = decision;
      if (!(await tell(taskId, taskMessages.join, trigger))) {
        entity.ended(taskId);
        return answer(entity, request);
      }
      entity.answered(request, taskId);
      await record(entity, request, taskId, `joined ${taskId}, which waits`);
      return { accepted: acceptedOf(taskId) };
    }
    case 'answer': {
      entity.answered(request, decision.taskId);
      await record(entity, request, decision.taskId, `started nothing: ${decision.reason}`);
      return decision.taskId === undefined
        ? { refused: { code: 'conflict', message: decision.reason } }
        : { accepted: acceptedOf(decision.taskId) };
    }
    case 'refuse': {
      const { reason, taskId } = decision;
      await cancelStart(entity, request, `task ${taskId} is in the way: ${reason}`);
      // A run by hand may be asked for again with the same key; a trigger is done with.
      if (request.trigger.type !== 'manual' || request.accepted) entity.answered(request, undefined);
      await record(entity, request, undefined, `started nothing: ${reason}`);
      const hint = `wait until task ${taskId} has ended, or stop it with POST /tasks/${taskId}/stop`;
      return { refused: { code: 'conflict', message: `task ${taskId} is in the way: ${reason}`, hint } };
    }
  }
}

function runsAlready({ jobId }: JobEntity, { retry }: TriggerRequest): FaultReport {
  const taskId = `${jobId}-${retry?.number}`;
  return { code: 'conflict', message: `task ${taskId} runs already`, hint: 'wait until it has ended, or stop it' };
}

/** What was accepted and cannot be run is told on the task's record. */
async function cancelStart({ jobId }: JobEntity, { accepted }: TriggerRequest, reason: string): Promise<void> {
  if (!accepted) return;
  const { number, startId } = accepted;
  await jobRecords('cancel its start').cancelStart({ taskId: `${jobId}-${number}`, startId, reason });
}

function acceptedOf(taskId: string): Accepted {
  return { taskId, workflowId: taskWorkflowId(taskId) };
}

/** Stops a task as anybody may; one that has ended meanwhile is none to stop. */
async function cancel(taskId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(taskWorkflowId(taskId)).cancel();
  } catch {
    // As with a signal: it is not there any more, which its own end tells.
  }
}

async function record(entity: JobEntity, request: TriggerRequest, taskId: string | undefined, decision: string) {
  const { trigger } = request;
  if (trigger.type === 'manual') return;
  await jobRecords(decision.slice(0, 100)).recordDecision({
    jobId: entity.jobId,
    trigger,
    decision,
    ...(taskId !== undefined && { taskId }),
  });
}
