import type { AttemptEntry } from '../../model/attempt.ts';
import { keptSteps } from '../../model/failed-steps.ts';
import type { FaultReport } from '../../model/fault.ts';
import { faultCatalogue } from '../../model/fault.ts';
import {
  progressOf,
  type StepGrant,
  type StepRecord,
  type StepStore,
  type StepWriter,
} from '../../model/ports/steps.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { StepProgress } from '../../model/step.ts';
import { isFinal } from '../../model/task-state.ts';
import { grantSteps } from '../runs/grant-steps.ts';

export interface RecordAttemptsPorts {
  tasks: TaskStore;
  steps: StepStore;
}

/**
 * Brings the records of steps to where their workflow says that attempts are: one that goes on from a failed step has the
 * steps that succeeded before, and in one that has ended nothing runs any more. Attempts that name their steps are left to
 * the task's own record. May be repeated; does nothing where a later writer has the right.
 */
export async function recordAttempts(
  ports: RecordAttemptsPorts,
  { taskId, writer, attempts }: { taskId: string; writer: StepWriter; attempts: readonly AttemptEntry[] },
  isCurrent: () => Promise<boolean>,
): Promise<void> {
  for (const entry of attempts) {
    if (entry.steps !== undefined) continue;
    const { attempt, from, state } = entry;
    if (!isFinal(state) && from === undefined) continue;
    const mine = await grantSteps(ports.steps, { taskId, attempt, writer }, isCurrent);
    if (!mine) continue;
    if (from !== undefined && (await ownSteps(ports.steps, mine, writer)).length === 0) await seed(ports, mine);
    if (isFinal(state)) await end(ports.steps, mine, writer, entry);
  }
}

async function ownSteps(steps: StepStore, { taskId, attempt }: StepGrant, writer: StepWriter): Promise<StepRecord[]> {
  const stored = await steps.read(taskId, attempt);
  return stored?.runId === writer.runId ? stored.steps : [];
}

/** The results that a retry keeps of the attempt before; these steps have no lines in its own log. */
async function seed({ tasks, steps }: RecordAttemptsPorts, grant: StepGrant): Promise<void> {
  const task = await tasks.get(grant.taskId);
  // The entry of the attempt before may be written only after this.
  const before = await steps.read(grant.taskId, grant.attempt - 1);
  await steps.write(grant, keptSteps(task?.pipeline ?? [], before?.steps ?? []).map(progressOf));
}

/**
 * A step that still ran ended with its attempt: by the fault of the infrastructure that ended it, or it was canceled. The one
 * that the attempt was to begin with failed by what kept it from beginning.
 */
async function end(
  steps: StepStore,
  grant: StepGrant,
  writer: StepWriter,
  { from, error }: Pick<AttemptEntry, 'from' | 'error'>,
): Promise<void> {
  const known = await ownSteps(steps, grant, writer);
  const ended = known.flatMap((step) => (step.state === 'running' ? [{ ...step, ...endOf(error) }] : []));
  const hasBegun = known.some(({ instance }) => instance === from);
  const unbegun: StepRecord[] =
    from !== undefined && error && error.where?.step === from && !hasBegun
      ? [{ instance: from, state: 'error', error }]
      : [];
  await steps.write(grant, [...ended, ...unbegun]);
}

function endOf(error: FaultReport | undefined): Pick<StepProgress, 'state' | 'error'> {
  const isInfrastructure = error && faultCatalogue[error.code].outcome === 'infrastructure';
  return isInfrastructure ? { state: 'error', error } : { state: 'canceled' };
}
