import type { StepGrant, StepStore, StepWriter } from '../../model/ports/steps.ts';

/**
 * Gives the right to write the steps of an attempt. Where another Temporal run has it, only to the task's current one (`isCurrent`,
 * asked then); undefined for any other, and where somebody later has it.
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
