import { CancellationScope } from '@temporalio/workflow';
import { type CleanupDebt, runDebt } from '../../src/model/task.ts';
import { cleanup, records } from '../activities.ts';
import { faultOf } from '../faults.ts';
import type { TaskRun } from './task-run.ts';
import { show } from './visibility.ts';

/** Removes what the run made. What could not be removed is returned, never thrown: a task always settles. */
export async function cleanUp(run: TaskRun): Promise<CleanupDebt[]> {
  if (!run.mayHaveObjects || !run.testId) return [];
  const testId = run.testId;
  return CancellationScope.nonCancellable(async () => {
    try {
      const engineAway = run.error?.code === 'engine_timeout';
      return await cleanup(`testid ${testId}`).cleanUp({ testId, ...(engineAway && { engineAway }) });
    } catch (error) {
      return [runDebt(testId, faultOf(error).message)];
    }
  });
}

/** Cleans up and writes the outcome, whatever is cancelled meanwhile. */
export async function settle(run: TaskRun): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const cleaningAt = new Date().toISOString();
    run.attempts.end(cleaningAt);
    const debts = await cleanUp(run);
    show(run);
    await records(run.state).projectTask(
      run.projection({
        state: run.state,
        ...(run.outcome && { outcome: run.outcome }),
        ...(run.error && { error: run.error }),
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
