import type { StepGrant, StepStore, StepWriter } from '../../model/ports/steps.ts';

/**
 * Grants the right to write the steps of an attempt. Takes it over from another Temporal run only for the task's current run
 * (`isCurrent`). Returns undefined for any other run, and when a later writer has the grant.
 */
export async function grantSteps(
  steps: Pick<StepStore, 'grant'>,
  { taskId, attempt, writer }: { taskId: string; attempt: number; writer: StepWriter },
  isCurrent: () => Promise<boolean>,
): Promise<StepGrant | undefined> {
  const grant = await steps.grant(taskId, attempt, writer);
  if (grant || !(await isCurrent())) return grant;
  return steps.grant(taskId, attempt, writer, { takeOver: true });
}
