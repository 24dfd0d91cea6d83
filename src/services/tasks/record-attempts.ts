import type { AttemptEntry } from '../../model/attempt.ts';
import { selectReusableSteps } from '../../model/failed-steps.ts';
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
 * Updates the records of steps to the attempts that their workflow reports: an attempt from a failed step gets the steps that
 * succeeded before, and an ended attempt has no running steps. Skips attempts that list their steps, which are in the task's
 * own record. Idempotent. Does nothing where a later writer has the grant.
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
    const grant = await grantSteps(ports.steps, { taskId, attempt, writer }, isCurrent);
    if (!grant) continue;
    if (from !== undefined && (await ownSteps(ports.steps, grant, writer)).length === 0) await seedSteps(ports, grant);
    if (isFinal(state)) await endSteps(ports.steps, grant, writer, entry);
  }
}

async function ownSteps(steps: StepStore, { taskId, attempt }: StepGrant, writer: StepWriter): Promise<StepRecord[]> {
  const stored = await steps.read(taskId, attempt);
  return stored?.runId === writer.runId ? stored.steps : [];
}

/** Copies the results that a retry keeps of the previous attempt; these steps have no lines in its own log. */
async function seedSteps({ tasks, steps }: RecordAttemptsPorts, grant: StepGrant): Promise<void> {
  const task = await tasks.get(grant.taskId);
  // The entry of the previous attempt may be written later than this.
  const before = await steps.read(grant.taskId, grant.attempt - 1);
  await steps.write(grant, selectReusableSteps(task?.pipeline ?? [], before?.steps ?? []).map(progressOf));
}

/**
 * Ends the running steps of an ended attempt: by the infrastructure fault that ended it, or as canceled. If the first step of
 * the attempt could not begin, that step gets the error.
 */
async function endSteps(
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
