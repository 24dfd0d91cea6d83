import type { LostTask } from '../../model/activities.ts';
import type { FaultReport } from '../../model/fault.ts';
import { faultCatalogue } from '../../model/fault.ts';
import { lastWriter, type StepStore } from '../../model/ports/steps.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { StepProgress } from '../../model/step.ts';
import type { UndeletedObject } from '../../model/task.ts';

/** Settles the record of a task whose workflow ended without doing so. A later run of the task takes the record over. */
export async function settleLost(
  ports: { tasks: TaskStore; steps: StepStore },
  lost: LostTask,
  { steps, debts }: { steps: readonly StepProgress[]; debts: UndeletedObject[] },
): Promise<void> {
  const { tasks } = ports;
  if (!(await tasks.summary(lost.taskId))) return;
  const error: FaultReport = lost.terminated
    ? {
        code: 'stopped',
        message: 'its workflow was terminated in Temporal',
        hint: 'cancel a workflow instead: its task then cleans up after itself',
      }
    : { code: 'internal', message: 'its workflow ended in Temporal without settling the task' };
  const ended = await endSteps(ports, lost, steps);
  const patch = {
    state: lost.terminated ? ('canceled' as const) : ('error' as const),
    outcome: faultCatalogue[error.code].outcome,
    error,
    reason: null,
    heldUntil: null,
    ...(ended.length > 0 && { steps: ended }),
    debts,
    times: { settledAt: new Date() },
  };
  await tasks.project(lost.taskId, { runId: lost.runId, epoch: Number.MAX_SAFE_INTEGER }, patch, { takeOver: true });
}

/** Ends running steps: in the records of the attempt's steps, and in the task's own record of earlier releases. */
async function endSteps(
  { tasks, steps }: { tasks: TaskStore; steps: StepStore },
  { taskId, attempt, runId }: LostTask,
  drained: readonly StepProgress[],
): Promise<StepProgress[]> {
  const before = await steps.read(taskId, attempt);
  const recorded = before?.steps ?? [];
  const grant = await steps.grant(taskId, attempt, { ...lastWriter, runId }, { takeOver: true });
  const isOther = before?.runId !== runId;
  const ended = recorded.flatMap((step) => (isOther || step.state === 'running' ? [canceled(step)] : []));
  if (grant) await steps.write(grant, ended);
  const known = new Map([...recorded, ...drained].map((step) => [step.instance, step]));
  return (await tasks.reportedSteps(taskId)).map((step) => canceled(known.get(step.instance) ?? step));
}

function canceled<T extends StepProgress>(step: T): T {
  return step.state === 'running' ? { ...step, state: 'canceled' } : step;
}
