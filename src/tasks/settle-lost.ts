import type { LostTask } from '../model/activities.ts';
import type { FaultReport } from '../model/fault.ts';
import { faultCatalogue } from '../model/fault.ts';
import type { TaskStore } from '../model/ports.ts';
import type { CleanupDebt, StepProgress } from '../model/task.ts';

/** Settles the record of a task whose workflow could not do so any more: a later run of it takes the record over. */
export async function settleLost(
  { tasks }: { tasks: TaskStore },
  lost: LostTask,
  { steps, debts }: { steps: readonly StepProgress[]; debts: CleanupDebt[] },
): Promise<void> {
  const task = await tasks.get(lost.taskId);
  if (!task) return;
  const error: FaultReport = lost.terminated
    ? {
        code: 'stopped',
        message: 'its workflow was terminated in Temporal',
        hint: 'a cancel lets a task clean up itself',
      }
    : { code: 'internal', message: 'its workflow ended in Temporal without settling it' };
  const known = new Map(steps.map((step) => [step.instance, step]));
  const ended = task.steps.map((step): StepProgress => {
    const newest = known.get(step.instance) ?? step;
    return newest.state === 'running' ? { ...newest, state: 'canceled' } : newest;
  });
  const patch = {
    state: lost.terminated ? ('canceled' as const) : ('error' as const),
    outcome: faultCatalogue[error.code].outcome,
    error,
    reason: null,
    heldUntil: null,
    steps: ended,
    debts,
    times: { settledAt: new Date() },
  };
  await tasks.project(lost.taskId, { runId: lost.runId, epoch: Number.MAX_SAFE_INTEGER }, patch, { takeOver: true });
}
