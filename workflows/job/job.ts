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
import { type Accepted, jobMessages, type TriggerRequest } from '../../src/model/job-messages.ts';
import { jobRecords } from '../activities.ts';
import { deleteJob } from './delete-job.ts';
import { answer, type Handled } from './handle-trigger.ts';
import { JobEntity, type JobState } from './job-entity.ts';
import { proceed } from './start-task.ts';

const runUpdate = defineUpdate<Accepted, [TriggerRequest]>(jobMessages.run);
const triggerSignal = defineSignal<[TriggerRequest]>(jobMessages.trigger);
const heldSignal = defineSignal<[string]>(jobMessages.held);
const resumedSignal = defineSignal<[string]>(jobMessages.resumed);
const deleteSignal = defineSignal(jobMessages.delete);

/** How often tasks are looked at whose end nobody would tell: those that an earlier run of this workflow started. */
const lookAgain = '1 minute';

/** Characters of the inbox that are carried through continue-as-new; Temporal refuses inputs of more than 2 MB. */
const mostCarried = 500_000;

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
  const inbox: Asked[] = (state.inbox ?? []).map((request) => ({ request }));

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
  setHandler(heldSignal, (taskId) => entity.held(taskId));
  setHandler(resumedSignal, (taskId) => entity.resumed(taskId));
  setHandler(deleteSignal, () => {
    entity.deleting = true;
  });

  const busy = (): boolean => inbox.length > 0 || entity.mayProceed || entity.deleting;
  // With what waits in the inbox, however long it is: a backlog must not grow the history without end.
  const mayContinueAsNew = (): boolean =>
    workflowInfo().continueAsNewSuggested && allHandlersFinished() && sizeOf(inbox) < mostCarried;
  const something = (): boolean => busy() || mayContinueAsNew();
  for (;;) {
    if (!something()) {
      if (entity.inherited.length === 0) await condition(something);
      else if (!(await condition(something, lookAgain))) await forgetEnded(entity);
    }
    if (entity.deleting) {
      for (const asked of inbox.splice(0)) asked.handled = {};
      await deleteJob(entity);
      await condition(allHandlersFinished);
      return;
    }
    if (mayContinueAsNew()) await continueAsNew<typeof job>(entity.carry(inbox.map(({ request }) => request)));
    const asked = inbox.shift();
    if (asked) {
      if (entity.inherited.length > 0 && entity.isInTheWay(asked.request)) await forgetEnded(entity);
      asked.handled = await answer(entity, asked.request);
    } else if (entity.mayProceed) await proceed(entity);
  }
}

function sizeOf(inbox: readonly Asked[]): number {
  return JSON.stringify(inbox).length;
}

async function forgetEnded(entity: JobEntity): Promise<void> {
  const taskIds = entity.inherited;
  const ended = await jobRecords('tasks that have ended').closedTasks({ taskIds });
  for (const taskId of ended) entity.ended(taskId);
}
