import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
} from '@temporalio/workflow';
import type { FollowRunnerInput, TaskPlan } from '../../src/model/activities.ts';
import { jobMessages } from '../../src/model/job-messages.ts';
import { jobWorkflowId } from '../../src/model/queues.ts';
import type { RetryRequest } from '../../src/model/task-messages.ts';
import { drainActivities, holdActivities, recordActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { publishStatus } from './publish-status.ts';
import type { TaskRun } from './task-run.ts';

/**
 * Holds the environment of a failed test until the time is over, a user releases it, or the task is cancelled, and
 * collects the logs of its components meanwhile. Returns the retry that a user requested, if any.
 */
export async function hold(run: TaskRun, plan: TaskPlan): Promise<RetryRequest | undefined> {
  const { holdMs = 0 } = plan;
  run.attempts.end(new Date().toISOString());
  run.hold(Date.now() + holdMs);
  await signalEntity(run, jobMessages.held);
  // A stop of the task ends the following too, but only after its last lines are read.
  const following =
    run.runner && patched('follow-held')
      ? await CancellationScope.nonCancellable(async () => new HeldFollowing(run, plan))
      : undefined;
  try {
    await untilDecided(run);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  // Later requests are refused.
  run.holdDecision ??= 'release';
  const retry = run.holdDecision === 'release' ? undefined : run.holdDecision;
  const { taskId, attempt, runner } = run;
  // First, as the request is answered once the record shows it, and the last lines may take a while.
  const isShownFirst = patched('answer-first');
  if (isShownFirst) await projectAnswer(run, retry);
  const isKept = (await following?.end()) ?? false;
  // A runner in the same environment continues the logs.
  if (!isKept && runner && retry?.from !== 'failed')
    await keepLastLines(run, { taskId, testId: plan.testId, attempt, runner });
  if (!retry) {
    run.endHold();
    return undefined;
  }
  await signalEntity(run, jobMessages.resumed);
  if (!isShownFirst) await projectAnswer(run, retry);
  return retry;
}

/** Projects the next attempt, or the end of the hold. */
async function projectAnswer(run: TaskRun, retry: RetryRequest | undefined): Promise<void> {
  const at = new Date().toISOString();
  if (!retry) {
    const released = run.projection({ heldUntil: null, times: { cleaningAt: at } });
    return CancellationScope.nonCancellable(() => recordActivities('released').projectTask(released));
  }
  run.retry(retry, at);
  publishStatus(run);
  const { state, attempt } = run;
  const begun = run.projection({
    state,
    attempt,
    outcome: null,
    error: null,
    heldUntil: null,
    ...run.takeSteps(),
    attempts: run.takeAttempts(),
  });
  await CancellationScope.nonCancellable(() => recordActivities(`attempt ${attempt}`).projectTask(begun));
}

/** Projects the end of the hold whenever it changes, until that time has come or a user has decided. */
async function untilDecided(run: TaskRun): Promise<void> {
  const heldAt = new Date().toISOString();
  for (;;) {
    const until = run.heldUntil ?? 0;
    const heldUntil = new Date(until).toISOString();
    const summary = `held until ${heldUntil}`;
    publishStatus(run);
    await recordActivities(summary).projectTask(
      run.projection({
        state: run.state,
        outcome: run.outcome,
        error: run.error,
        heldUntil,
        ...run.takeSteps(),
        attempts: run.takeAttempts(),
        times: { heldAt },
      }),
    );
    const isChanged = (): boolean => run.holdDecision !== undefined || run.heldUntil !== until;
    const left = until - Date.now();
    if (left <= 0 && !isChanged()) return;
    if (!isChanged() && !(await condition(isChanged, left, { summary }))) return;
    if (run.holdDecision !== undefined) return;
  }
}

/** Signals the job's entity, which decides what may run now; ignores a missing entity. */
async function signalEntity({ jobId, taskId }: TaskRun, message: string): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(jobWorkflowId(jobId)).signal(message, taskId);
    } catch {
      // The only possible failure: the workflow does not exist.
    }
  });
}

/** Follows the components of a held environment. */
class HeldFollowing {
  readonly #scope = new CancellationScope({ cancellable: true });
  readonly #isKept: Promise<boolean>;

  constructor(run: TaskRun, plan: TaskPlan) {
    this.#isKept = this.#scope.run(() => this.#follow(run, plan));
  }

  /** Ends the following. Resolves to true once all output so far is stored, to false when that failed. */
  async end(): Promise<boolean> {
    this.#scope.cancel();
    return this.#isKept;
  }

  async #follow({ taskId, attempt }: TaskRun, { testId }: TaskPlan): Promise<boolean> {
    try {
      await holdActivities('collect component logs').followHeld({ taskId, testId, attempt });
      return true;
    } catch (error) {
      const { message: reason } = faultOf(error);
      if (!isCancellation(error)) log.warn('cannot follow a held environment', { taskId, reason });
      return false;
    }
  }
}

/** Collects the last logs of the components, by following their ended runner. */
async function keepLastLines(run: TaskRun, held: Omit<FollowRunnerInput, 'epoch'>): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await drainActivities('collect last component logs').followRunner({ ...held, ...run.nextFollowerEpoch() });
    } catch (error) {
      const { message: reason } = faultOf(error);
      log.warn('cannot read the last lines of the components', { taskId: held.taskId, reason });
    }
  });
}
