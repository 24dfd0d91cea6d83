import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  ParentClosePolicy,
  setHandler,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { type Accepted, jobMessages, type RunRequest } from '../src/model/job-messages.ts';
import { taskWorkflowId } from '../src/model/queues.ts';
import { JobEntity, type JobState } from './job-entity.ts';
import { attributes } from './search-attributes.ts';
import { task } from './task.ts';

export const runUpdate = defineUpdate<Accepted, [RunRequest]>(jobMessages.run);
export const forgetSignal = defineSignal(jobMessages.forget);

/** The entity of a job: every run goes through it, so that each gets a number of its own and is started once. */
export async function job(state: JobState): Promise<void> {
  const entity = new JobEntity(state);

  setHandler(runUpdate, async (request) => {
    const known = request.key === undefined ? undefined : entity.answerOf(request.key);
    if (known) return known;
    const answer = await startNext(entity, request);
    if (request.key !== undefined) entity.remember(request.key, answer);
    return answer;
  });
  setHandler(forgetSignal, () => {
    entity.forgotten = true;
  });

  await condition(() => entity.forgotten || workflowInfo().continueAsNewSuggested);
  await condition(allHandlersFinished);
  if (!entity.forgotten) await continueAsNew<typeof job>(entity.carry());
}

/** Starts the next task. A number that Temporal knows already is passed over: this entity had lost its history. */
async function startNext(entity: JobEntity, request: RunRequest): Promise<Accepted> {
  for (;;) {
    const input = entity.number(request);
    const taskId = `${input.jobId}-${input.number}`;
    const workflowId = taskWorkflowId(taskId);
    try {
      await startChild(task, {
        workflowId,
        args: [input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        staticSummary: `task ${input.number}, by hand`,
        typedSearchAttributes: [
          { key: attributes.job, value: input.jobId },
          { key: attributes.flow, value: input.testFlowId },
          { key: attributes.state, value: 'init' },
          { key: attributes.trigger, value: input.trigger.type },
        ],
      });
      return { taskId, workflowId };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
