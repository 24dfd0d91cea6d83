import { ApplicationFailure, CancellationScope, CancelledFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { TaskInput, TaskPlan } from '../../src/model/activities.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { TaskState } from '../../src/model/task-state.ts';
import { recordActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { getImages } from './get-images.ts';
import { hold } from './hold.ts';
import { publishStatus } from './publish-status.ts';
import { registerHandlers } from './register-handlers.ts';
import { Retries } from './retry-budget.ts';
import { runAttempt } from './run-attempt.ts';
import { cleanUp, settle } from './settle.ts';
import { TaskRun } from './task-run.ts';
import { waitForTurn } from './wait-for-turn.ts';

/**
 * Runs a task: records it, resolves commits, gets images, creates and follows the runner, holds the environment of a
 * failed test if the job wants that, cleans up, and settles. The workflow completes on success, fails on error, and is
 * canceled when it was stopped.
 */
export async function task(input: TaskInput): Promise<{ state: TaskState }> {
  const run = new TaskRun(input);
  registerHandlers(run);
  try {
    // A stop takes effect once the task is recorded, so that every workflow has a record.
    const plan = await CancellationScope.nonCancellable(() =>
      recordActivities('record task').openTask({ ...input, recordsSteps: true }),
    );
    if (!plan) return endUnstarted(run);
    run.applyPlan(plan);
    let turn = input.waitsFor === undefined ? undefined : () => waitForTurn(run);
    for (;;) {
      await runTest(run, plan, turn);
      turn = undefined;
      const stopped = CancellationScope.current().consideredCancelled;
      if (stopped || !plan.holdMs || !run.mayBeHeld) break;
      const retry = await hold(run, plan);
      if (!retry) break;
      if (retry.from === 'start') await cleanUp(run);
    }
  } catch (error) {
    run.fail(faultOf(error));
  }
  await settle(run);
  if (run.state === 'canceled') throw new CancelledFailure(run.error?.message ?? 'stopped');
  if (run.error) throw ApplicationFailure.nonRetryable(run.error.message, run.error.code, run.error);
  return { state: run.state };
}

/** Ends a task whose acceptance was withdrawn or that was stopped before its start: there is nothing to settle. */
function endUnstarted(run: TaskRun): { state: TaskState } {
  run.state = 'canceled';
  publishStatus(run);
  return { state: run.state };
}

/** Waits for the task's turn, then runs the test to its verdict within the time limit of a run. */
async function runTest(run: TaskRun, plan: TaskPlan, turn: (() => Promise<void>) | undefined): Promise<void> {
  const limited = new CancellationScope({ cancellable: true, timeout: plan.timeoutMs });
  try {
    await turn?.();
    await limited.run(() => runAttempts(run, plan));
  } catch (error) {
    if (!isCancellation(error)) {
      if (run.attempts.origin.from === undefined) throw error;
      run.failRetry(faultOf(error));
    }
  }
  if (!run.hasVerdict) run.fail(endReason(plan));
}

/**
 * Runs attempts until one succeeds or the retry budgets are used up: the next one at once after a failure, or with a
 * doubled pause after each infrastructure fault: 1 s, 2 s … .
 */
async function runAttempts(run: TaskRun, plan: TaskPlan): Promise<void> {
  run.attempts.begin(new Date().toISOString());
  run.images ??= await getImages(run);
  run.retries = new Retries(plan.retries);
  for (let faults = 0; ; ) {
    let fault: FaultReport | undefined;
    let pauseMs = 0;
    try {
      await runAttempt(run, plan, run.images);
      fault = run.error;
      const stopped = CancellationScope.current().consideredCancelled;
      // A user inspects the environment of such an attempt: no automatic retry may replace it.
      const isHeldRetry = run.attempts.origin.from !== undefined;
      if (stopped || !fault || isHeldRetry || !run.retries.take(fault)) return;
    } catch (error) {
      fault = faultOf(error);
      if (isCancellation(error) || !run.retries.take(fault)) throw error;
      pauseMs = 1000 * 2 ** faults;
      faults += 1;
    }
    await cleanUp(run);
    if (pauseMs > 0) await sleep(pauseMs, { summary: fault.message.slice(0, 200) });
    run.nextAttempt(fault, new Date().toISOString());
  }
}

/** Returns the fault of a run that ended without a verdict: it was stopped, or exceeded its time limit. */
function endReason(plan: TaskPlan): Parameters<TaskRun['fail']>[0] {
  if (CancellationScope.current().consideredCancelled) return { code: 'stopped', message: 'the task was stopped' };
  const message = `the run exceeded the limit of ${plan.timeoutMs / 1000} s`;
  return { code: 'run_timeout', message, hint: 'raise policy.timeoutSeconds of the job' };
}
