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
import { type AcceptedRun, jobMessages, type TriggerRequest } from '../../src/model/job-messages.ts';
import { jobActivities } from '../activities.ts';
import { deleteJob } from './delete-job.ts';
import { handleTrigger, type TriggerResult } from './handle-trigger.ts';
import { JobEntity, type JobState } from './job-entity.ts';
import { beginNextTask } from './start-task.ts';

const runUpdate = defineUpdate<AcceptedRun, [TriggerRequest]>(jobMessages.run);
const triggerSignal = defineSignal<[TriggerRequest]>(jobMessages.trigger);
const heldSignal = defineSignal<[string]>(jobMessages.held);
const resumedSignal = defineSignal<[string]>(jobMessages.resumed);
const deleteSignal = defineSignal(jobMessages.delete);

/**
 * Interval between checks of tasks that an earlier run of this workflow started, as it does not learn of their ends.
 */
const checkInterval = '1 minute';

/**
 * Characters of the inbox that are carried through continue-as-new at most; Temporal refuses inputs of more than 2 MB.
 */
const maxCarriedLength = 500_000;

interface PendingTrigger {
  request: TriggerRequest;
  /** Set once the request is handled; empty when the job is being deleted. */
  result?: TriggerResult;
}

/**
 * Runs the entity of a job: handles all triggers one after the other, so that each starts a task with its own number,
 * joins a waiting task, or is refused, as the policy says.
 */
export async function job(state: JobState): Promise<void> {
  // A cancellation is meant for tasks: the entity must not lose accepted requests.
  await CancellationScope.nonCancellable(() => runEntity(state));
}

async function runEntity(state: JobState): Promise<void> {
  const entity = new JobEntity(state);
  const inbox: PendingTrigger[] = (state.inbox ?? []).map((request) => ({ request }));

  setHandler(runUpdate, async (request) => {
    const pending: PendingTrigger = { request };
    inbox.push(pending);
    // A handler runs in the scope of the workflow, which can be cancelled.
    await CancellationScope.nonCancellable(() => condition(() => pending.result !== undefined));
    const { accepted, refused } = pending.result ?? {};
    if (accepted) return accepted;
    const report = refused ?? { code: 'not_found' as const, message: `job ${state.jobId} is being deleted` };
    throw ApplicationFailure.nonRetryable(report.message, report.code, report);
  });
  setHandler(triggerSignal, (request) => {
    inbox.push({ request });
  });
  setHandler(heldSignal, (taskId) => entity.markHeld(taskId));
  setHandler(resumedSignal, (taskId) => entity.markResumed(taskId));
  setHandler(deleteSignal, () => {
    entity.deleting = true;
  });

  const isBusy = (): boolean => inbox.length > 0 || entity.mayProceed || entity.deleting;
  // Also with a backlog in the inbox, so that the history does not grow without limit.
  const mayContinueAsNew = (): boolean =>
    workflowInfo().continueAsNewSuggested && allHandlersFinished() && sizeOf(inbox) < maxCarriedLength;
  const hasWork = (): boolean => isBusy() || mayContinueAsNew();
  for (;;) {
    if (!hasWork()) {
      if (entity.inherited.length === 0) await condition(hasWork);
      else if (!(await condition(hasWork, checkInterval))) await forgetEnded(entity);
    }
    if (entity.deleting) {
      for (const pending of inbox.splice(0)) pending.result = {};
      await deleteJob(entity);
      await condition(allHandlersFinished);
      return;
    }
    if (mayContinueAsNew()) await continueAsNew<typeof job>(entity.toState(inbox.map(({ request }) => request)));
    const pending = inbox.shift();
    if (pending) {
      if (entity.inherited.length > 0 && entity.isBlocked(pending.request)) await forgetEnded(entity);
      pending.result = await handleTrigger(entity, pending.request);
    } else if (entity.mayProceed) await beginNextTask(entity);
  }
}

function sizeOf(inbox: readonly PendingTrigger[]): number {
  return JSON.stringify(inbox).length;
}

/** Removes inherited tasks that have ended from the entity. */
async function forgetEnded(entity: JobEntity): Promise<void> {
  const taskIds = entity.inherited;
  const ended = await jobActivities('find ended tasks').closedTasks({ taskIds });
  for (const taskId of ended) entity.markEnded(taskId);
}
