import { ApplicationFailure, CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import type { RunnerEnd, TaskPlan } from '../../src/model/activities.ts';
import { faultCatalogue } from '../../src/model/fault.ts';
import { creationActivities, followActivities, recordActivities } from '../activities.ts';
import { detailsOf } from './details.ts';
import { publishStatus } from './publish-status.ts';
import type { TaskImages } from './task-images.ts';
import type { TaskRun } from './task-run.ts';

/**
 * Runs one attempt: creates the runner, follows it to its end, and applies its verdict. Throws retryable infrastructure
 * faults, and the cancellation when the run was stopped before the verdict.
 */
export async function runAttempt(run: TaskRun, plan: TaskPlan, images: TaskImages): Promise<void> {
  const attempt = { taskId: run.taskId, testId: plan.testId, attempt: run.attempt };
  run.mayHaveObjects = true;
  const runner = await creationActivities(`attempt ${run.attempt}`).createRunner({
    ...attempt,
    ...images,
    ...run.earlierAttempts,
  });
  run.runner = runner;
  run.state = 'running';
  publishStatus(run);
  const running = recordActivities('running').projectTask(
    run.projection({
      state: run.state,
      // After a reset the record may have these of the earlier run.
      outcome: null,
      error: null,
      heldUntil: null,
      attempt: run.attempt,
      podName: runner.name,
      commits: images.commits,
      components: run.components,
      // Clears the steps of an earlier run, after a reset.
      steps: [],
      ...run.takeSteps(),
      attempts: run.takeAttempts(),
      retries: run.retries.budgets,
      times: { runningAt: new Date().toISOString() },
    }),
  );
  let ended = false;
  const projected = CancellationScope.nonCancellable(() => projectSteps(run, () => ended));
  let end: RunnerEnd;
  try {
    end = await followActivities(runner.name, plan.timeoutMs).followRunner({
      ...attempt,
      runner,
      ...run.nextFollowerEpoch(),
    });
  } finally {
    ended = true;
    await projected;
    await running;
  }
  if (end.fault && faultCatalogue[end.fault.code].retryable) {
    throw ApplicationFailure.nonRetryable(end.fault.message, end.fault.code, end.fault);
  }
  // A verdict from before the stop counts.
  if (end.verdict || !CancellationScope.current().consideredCancelled) run.applyRunnerEnd(end);
  else run.recordSteps(end);
}

/**
 * Projects the steps of a run that keeps them, on every change until the runner has ended; the settlement has the rest.
 */
async function projectSteps(run: TaskRun, ended: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => ended() || (run.keepsSteps && run.stepsChanged));
    if (ended()) return;
    setCurrentDetails(detailsOf(run));
    await recordActivities('steps').projectTask(run.projection(run.takeSteps()));
  }
}
