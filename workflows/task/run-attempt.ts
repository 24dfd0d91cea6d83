import { ApplicationFailure, CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import type { RunnerEnd, TaskPlan } from '../../src/model/activities.ts';
import { faultCatalogue } from '../../src/model/fault.ts';
import { creation, following, records } from '../activities.ts';
import { detailsOf } from './details.ts';
import type { TaskImages } from './task-images.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

/**
 * One runner: create it, follow it to its end, judge. Throws infrastructure faults that a new attempt may survive,
 * and the cancellation when the run was stopped before the runner gave its verdict.
 */
export async function runAttempt(run: TaskRun, plan: TaskPlan, images: TaskImages): Promise<void> {
  const attempt = { taskId: run.taskId, testId: plan.testId, attempt: run.attempt };
  run.mayHaveObjects = true;
  const runner = await creation(`attempt ${run.attempt}`).createRunner({
    ...attempt,
    ...images,
    ...run.forRunner,
  });
  run.runner = runner;
  run.state = 'running';
  show(run);
  const running = records('running').projectTask(
    run.projection({
      state: run.state,
      // Of a run before this one, after a reset.
      outcome: null,
      error: null,
      heldUntil: null,
      attempt: run.attempt,
      podName: runner.name,
      commits: images.commits,
      components: run.components,
      // What a run that kept its steps had written, before a reset.
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
    end = await following(runner.name, plan.timeoutMs).followRunner({ ...attempt, runner, ...run.grantSteps() });
  } finally {
    ended = true;
    await projected;
    await running;
  }
  if (end.fault && faultCatalogue[end.fault.code].retryable) {
    throw ApplicationFailure.nonRetryable(end.fault.message, end.fault.code, end.fault);
  }
  // A verdict that was given before the stop took effect stands.
  if (end.verdict || !CancellationScope.current().consideredCancelled) run.judge(end);
  else run.hear(end);
}

/** Of a run that keeps its steps: projects them on every change, until the runner has ended; what is left then is part of the settlement. */
async function projectSteps(run: TaskRun, ended: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => ended() || (run.keepsSteps && run.stepsChanged));
    if (ended()) return;
    setCurrentDetails(detailsOf(run));
    await records('steps').projectTask(run.projection(run.takeSteps()));
  }
}
