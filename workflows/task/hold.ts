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
import { holding, lastLines, records } from '../activities.ts';
import { faultOf } from '../faults.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

/**
 * Keeps the environment of a test that has failed until the time is over, somebody releases it, or the task is cancelled;
 * answers with the retry if somebody wants one. What its components say meanwhile is kept too.
 */
export async function hold(run: TaskRun, plan: TaskPlan): Promise<RetryRequest | undefined> {
  const { holdMs = 0 } = plan;
  run.attempts.end(new Date().toISOString());
  run.hold(Date.now() + holdMs);
  await tellEntity(run, jobMessages.held);
  // A stop of the task ends it too, yet not before its last lines are read.
  const following =
    run.runner && patched('follow-held')
      ? await CancellationScope.nonCancellable(async () => new HeldFollowing(run, plan))
      : undefined;
  try {
    await untilAnswered(run);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  // What is asked from now on comes too late, and has to be refused.
  run.answer ??= 'release';
  const retry = run.answer === 'release' ? undefined : run.answer;
  const { taskId, attempt, runner } = run;
  // First of all: whoever asked is answered once the record shows it, and the last lines may take their time.
  const isShownFirst = patched('answer-first');
  if (isShownFirst) await showAnswer(run, retry);
  const isKept = (await following?.end()) ?? false;
  // A runner in the same environment goes on with the logs.
  if (!isKept && runner && retry?.from !== 'failed')
    await keepLastLines(run, { taskId, testId: plan.testId, attempt, runner });
  if (!retry) {
    run.endHold();
    return undefined;
  }
  await tellEntity(run, jobMessages.resumed);
  if (!isShownFirst) await showAnswer(run, retry);
  return retry;
}

/** Projects the next attempt, or that the environment goes. */
async function showAnswer(run: TaskRun, retry: RetryRequest | undefined): Promise<void> {
  const at = new Date().toISOString();
  if (!retry) {
    const released = run.projection({ heldUntil: null, times: { cleaningAt: at } });
    return CancellationScope.nonCancellable(() => records('released').projectTask(released));
  }
  run.retry(retry, at);
  show(run);
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
  await CancellationScope.nonCancellable(() => records(`attempt ${attempt}`).projectTask(begun));
}

/** Shows the end of the hold, as often as it changes, until it has come or somebody has said what to do. */
async function untilAnswered(run: TaskRun): Promise<void> {
  const heldAt = new Date().toISOString();
  for (;;) {
    const until = run.heldUntil ?? 0;
    const heldUntil = new Date(until).toISOString();
    const summary = `held until ${heldUntil}`;
    show(run);
    await records(summary).projectTask(
      run.projection({
        state: run.state,
        ...(run.outcome && { outcome: run.outcome }),
        ...(run.error && { error: run.error }),
        heldUntil,
        ...run.takeSteps(),
        attempts: run.takeAttempts(),
        times: { heldAt },
      }),
    );
    const isChanged = (): boolean => run.answer !== undefined || run.heldUntil !== until;
    const left = until - Date.now();
    if (left <= 0 && !isChanged()) return;
    if (!isChanged() && !(await condition(isChanged, left, { summary }))) return;
    if (run.answer !== undefined) return;
  }
}

/** The job's entity decides by it what may run now. One that is not there has nothing to decide. */
async function tellEntity({ jobId, taskId }: TaskRun, message: string): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(jobWorkflowId(jobId)).signal(message, taskId);
    } catch {
      // The only failure that the server knows here: there is no such workflow.
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

  /** Resolves once what was printed until now is stored: to false when that could not be done. */
  async end(): Promise<boolean> {
    this.#scope.cancel();
    return this.#isKept;
  }

  async #follow({ taskId, attempt }: TaskRun, { testId }: TaskPlan): Promise<boolean> {
    try {
      await holding('what its components say').followHeld({ taskId, testId, attempt });
      return true;
    } catch (error) {
      const { message: reason } = faultOf(error);
      if (!isCancellation(error)) log.warn('a held environment cannot be followed', { taskId, reason });
      return false;
    }
  }
}

/** Following a runner that has ended reads what its components have said since. */
async function keepLastLines(run: TaskRun, held: Omit<FollowRunnerInput, 'epoch'>): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await lastLines('what its components said').followRunner({ ...held, ...run.grantSteps() });
    } catch (error) {
      const { message: reason } = faultOf(error);
      log.warn('the last lines of the components cannot be read', { taskId: held.taskId, reason });
    }
  });
}
