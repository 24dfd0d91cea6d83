import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { TaskInput, TaskPlan } from '../src/model/activities.ts';
import type { BuildEnd } from '../src/model/build.ts';
import { faultCatalogue } from '../src/model/fault.ts';
import { taskMessages } from '../src/model/job-messages.ts';
import type { StepProgress, TaskState } from '../src/model/task.ts';
import type { EventTrigger } from '../src/model/trigger.ts';
import { records } from './activities.ts';
import { faultOf } from './faults.ts';
import { getImages } from './get-images.ts';
import { runAttempt } from './run-attempt.ts';
import { cleanUp, settle } from './settle.ts';
import { TaskRun } from './task-run.ts';
import { waitForTurn } from './wait-for-turn.ts';

/** The follower's report of the steps, at most one a second. */
export const stepsSignal = defineSignal<[StepProgress[]]>(taskMessages.steps);
/** The job's entity: what else this task is for, while it waits, and that it may begin. */
export const joinSignal = defineSignal<[EventTrigger]>(taskMessages.join);
/** A build that this task has joined: how it ended. */
export const builtSignal = defineSignal<[BuildEnd]>(taskMessages.built);
export const proceedSignal = defineSignal(taskMessages.proceed);

/** Infrastructure faults that a task survives by a new attempt, each after a pause twice as long: 1 s … 16 s. */
const infrastructureRetries = 5;

/**
 * One run of a task: record, resolve commits, get images, create the runner, follow it, clean up, settle.
 * It ends in Temporal as it ended in truth: completed (success), failed (error) or canceled (stopped).
 */
export async function task(input: TaskInput): Promise<{ state: TaskState }> {
  const run = new TaskRun(input);
  setHandler(stepsSignal, (steps) => run.report(steps));
  setHandler(joinSignal, (event) => run.join(event));
  setHandler(builtSignal, (end) => {
    run.builds.set(end.buildId, end);
  });
  setHandler(proceedSignal, () => {
    run.mayBegin = true;
  });
  try {
    // A stop must not part the record from its workflow: it takes effect once the task is recorded.
    const plan = await CancellationScope.nonCancellable(() => records('record the task').openTask(input));
    run.plan(plan);
    const limited = new CancellationScope({ cancellable: true, timeout: plan.timeoutMs });
    try {
      if (input.waitsFor !== undefined) await waitForTurn(run);
      await limited.run(() => attempts(run, plan));
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
    if (!run.judged) run.fail(whyEnded(plan));
  } catch (error) {
    run.fail(faultOf(error));
  }
  await settle(run);
  if (run.state === 'canceled') throw new CancelledFailure(run.error?.message ?? 'stopped');
  if (run.error) throw ApplicationFailure.nonRetryable(run.error.message, run.error.code, run.error);
  return { state: run.state };
}

/** The runs of the test: one, and a new one after every infrastructure fault while the budget lasts. */
async function attempts(run: TaskRun, plan: TaskPlan): Promise<void> {
  const images = await getImages(run);
  for (;;) {
    try {
      return await runAttempt(run, plan, images);
    } catch (error) {
      const spent = run.attempt > infrastructureRetries;
      if (isCancellation(error) || spent || !faultCatalogue[faultOf(error).code].retryable) throw error;
      await cleanUp(run);
      await sleep(1000 * 2 ** (run.attempt - 1), { summary: faultOf(error).message.slice(0, 200) });
      run.nextAttempt();
    }
  }
}

/** A run that ended without a verdict was stopped, or ran into its limit. */
function whyEnded(plan: TaskPlan): Parameters<TaskRun['fail']>[0] {
  if (CancellationScope.current().consideredCancelled) return { code: 'stopped', message: 'the task was stopped' };
  const limit = `the limit of ${plan.timeoutMs / 1000} s`;
  return { code: 'run_timeout', message: `the run went over ${limit}`, hint: 'raise policy.timeoutSeconds of the job' };
}
