import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type Accepted, jobMessages, type TriggerRequest } from '../src/model/job-messages.ts';
import { jobRecords } from './activities.ts';
import { deleteJob } from './delete-job.ts';
import { answer, type Handled } from './handle-trigger.ts';
import { JobEntity, type JobState } from './job-entity.ts';
import { proceed } from './start-task.ts';

export const runUpdate = defineUpdate<Accepted, [TriggerRequest]>(jobMessages.run);
export const triggerSignal = defineSignal<[TriggerRequest]>(jobMessages.trigger);
export const deleteSignal = defineSignal(jobMessages.delete);

/** How often tasks are looked at whose end nobody would tell: those that an earlier run of this workflow started. */
const lookAgain = '1 minute';

interface Asked {
  request: TriggerRequest;
  handled?: Handled;
}

/**
 * The entity of a job: every trigger goes through it, one after the other, so that each becomes one task with a number of
 * its own, or joins one, or is refused, as the policy says.
 */
export async function job(state: JobState): Promise<void> {
  // Who cancels a run means its tasks: the entity itself must not lose what it has accepted.
  await CancellationScope.nonCancellable(() => live(state));
}

async function live(state: JobState): Promise<void> {
  const entity = new JobEntity(state);
  const inbox: Asked[] = [];

  setHandler(runUpdate, async (request) => {
    const asked: Asked = { request };
    inbox.push(asked);
    // A handler has the scope of the workflow, which a cancel reaches.
    await CancellationScope.nonCancellable(() => condition(() => asked.handled !== undefined));
    const { accepted, refused } = asked.handled ?? {};
    if (accepted) return accepted;
    const report = refused ?? { code: 'not_found' as const, message: `job ${state.jobId} is being deleted` };
    throw ApplicationFailure.nonRetryable(report.message, report.code, report);
  });
  setHandler(triggerSignal, (request) => {
    inbox.push({ request });
  });
  setHandler(deleteSignal, () => {
    entity.deleting = true;
  });

  const busy = (): boolean => inbox.length > 0 || entity.mayProceed || entity.deleting;
  for (;;) {
    if (entity.inherited.length > 0) {
      if (!(await condition(() => busy() || workflowInfo().continueAsNewSuggested, lookAgain)))
        await forgetEnded(entity);
    } else await condition(() => busy() || workflowInfo().continueAsNewSuggested);
    if (entity.deleting) {
      for (const asked of inbox.splice(0)) asked.handled = {};
      await deleteJob(entity);
      await condition(allHandlersFinished);
      return;
    }
    const asked = inbox.shift();
    if (asked) {
      if (entity.inherited.length > 0) await forgetEnded(entity);
      asked.handled = await answer(entity, asked.request);
    } else if (entity.mayProceed) await proceed(entity);
    else if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      if (!busy()) await continueAsNew<typeof job>(entity.carry());
    }
  }
}

async function forgetEnded(entity: JobEntity): Promise<void> {
  const taskIds = entity.inherited;
  const ended = await jobRecords('tasks that have ended').closedTasks({ taskIds });
  for (const taskId of ended) entity.ended(taskId);
}
