import { ApplicationFailure, CancellationScope, CancelledFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { TaskInput, TaskPlan } from '../../src/model/activities.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { TaskState } from '../../src/model/task-state.ts';
import { records } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { getImages } from './get-images.ts';
import { hold } from './hold.ts';
import { listen } from './listen.ts';
import { Retries } from './retries.ts';
import { runAttempt } from './run-attempt.ts';
import { cleanUp, settle } from './settle.ts';
import { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';
import { waitForTurn } from './wait-for-turn.ts';

/**
 * One run of a task: record, resolve commits, get images, create the runner, follow it, hold its environment where it failed
 * and somebody may want to look, clean up, settle.
 * It ends in Temporal as it ended in truth: completed (success), failed (error) or canceled (stopped).
 */
export async function task(input: TaskInput): Promise<{ state: TaskState }> {
  const run = new TaskRun(input);
  listen(run);
  try {
    // A stop must not part the record from its workflow: it takes effect once the task is recorded.
    const plan = await CancellationScope.nonCancellable(() =>
      records('record the task').openTask({ ...input, recordsSteps: true }),
    );
    if (!plan) return notBegun(run);
    run.plan(plan);
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

/** Its acceptance was withdrawn, or it was stopped on record: there is nothing to settle. */
function notBegun(run: TaskRun): { state: TaskState } {
  run.state = 'canceled';
  show(run);
  return { state: run.state };
}

/** Runs the test to its verdict, once it is the task's turn, within the limit of a run. */
async function runTest(run: TaskRun, plan: TaskPlan, turn: (() => Promise<void>) | undefined): Promise<void> {
  const limited = new CancellationScope({ cancellable: true, timeout: plan.timeoutMs });
  try {
    await turn?.();
    await limited.run(() => attempts(run, plan));
  } catch (error) {
    if (!isCancellation(error)) {
      if (run.attempts.origin.from === undefined) throw error;
      run.failRetry(faultOf(error));
    }
  }
  if (!run.judged) run.fail(whyEnded(plan));
}

/**
 * The runs of the test: one, and new ones while its budgets last: after a failure at once, after each infrastructure fault
 * with a pause twice as long: 1 s, 2 s … .
 */
async function attempts(run: TaskRun, plan: TaskPlan): Promise<void> {
  run.attempts.begin(new Date().toISOString());
  run.images ??= await getImages(run);
  run.retries = new Retries(plan.retries);
  for (let faults = 0; ; ) {
    let fault: FaultReport | undefined;
    let pause = 0;
    try {
      await runAttempt(run, plan, run.images);
      fault = run.error;
      const stopped = CancellationScope.current().consideredCancelled;
      // Somebody looks into the environment of such an attempt: no budget takes it away.
      const isHeldRetry = run.attempts.origin.from !== undefined;
      if (stopped || !fault || isHeldRetry || !run.retries.take(fault)) return;
    } catch (error) {
      fault = faultOf(error);
      if (isCancellation(error) || !run.retries.take(fault)) throw error;
      pause = 1000 * 2 ** faults;
      faults += 1;
    }
    await cleanUp(run);
    if (pause > 0) await sleep(pause, { summary: fault.message.slice(0, 200) });
    run.nextAttempt(fault, new Date().toISOString());
  }
}

/** A run that ended without a verdict was stopped, or ran into its limit. */
function whyEnded(plan: TaskPlan): Parameters<TaskRun['fail']>[0] {
  if (CancellationScope.current().consideredCancelled) return { code: 'stopped', message: 'the task was stopped' };
  const limit = `the limit of ${plan.timeoutMs / 1000} s`;
  return { code: 'run_timeout', message: `the run went over ${limit}`, hint: 'raise policy.timeoutSeconds of the job' };
}
