import { CancellationScope } from '@temporalio/workflow';
import { type UndeletedObject, undeletedRun } from '../../src/model/task.ts';
import { cleanupActivities, recordActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { publishStatus } from './publish-status.ts';
import type { TaskRun } from './task-run.ts';

/** Removes the objects of the run. Returns those that cannot be removed, and never throws: a task always settles. */
export async function cleanUp(run: TaskRun): Promise<UndeletedObject[]> {
  if (!run.mayHaveObjects || !run.testId) return [];
  const testId = run.testId;
  return CancellationScope.nonCancellable(async () => {
    try {
      const engineAway = run.error?.code === 'engine_timeout';
      return await cleanupActivities(`testid ${testId}`).cleanUp({ testId, engineAway });
    } catch (error) {
      return [undeletedRun(testId, faultOf(error).message)];
    }
  });
}

/** Cleans up and records the outcome, even when the task is cancelled meanwhile. */
export async function settle(run: TaskRun): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const cleaningAt = new Date().toISOString();
    run.attempts.end(cleaningAt);
    const debts = await cleanUp(run);
    publishStatus(run);
    await recordActivities(run.state).projectTask(
      run.projection({
        state: run.state,
        outcome: run.outcome,
        error: run.error,
        heldUntil: null,
        attempt: run.attempt,
        attempts: run.takeAttempts(),
        retries: run.retries.budgets,
        components: run.components,
        commits: Object.fromEntries(run.components.map(({ plugin, commit }) => [plugin, commit])),
        ...run.takeSteps(),
        debts,
        times: { cleaningAt, settledAt: new Date().toISOString() },
      }),
    );
  });
}
