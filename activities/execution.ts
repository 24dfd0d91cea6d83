import { activityInfo, getClient } from '@temporalio/activity';

/** Returns the Temporal run of the current activity. Throws for an activity that was started without a workflow. */
export function currentExecution(): { workflowId: string; runId: string } {
  const { workflowExecution, activityType } = activityInfo();
  if (!workflowExecution) throw new Error(`activity ${activityType} was started without a workflow`);
  return { workflowId: workflowExecution.workflowId, runId: workflowExecution.runId };
}

/**
 * Returns the newest run of the current activity's workflow, which differs from the activity's own run after a reset.
 */
export async function currentRun(): Promise<{ runId: string; startTime: Date }> {
  const { runId, startTime } = await getClient().workflow.getHandle(currentExecution().workflowId).describe();
  return { runId, startTime };
}

/** Returns true when the Temporal run of the current activity is the newest of its workflow. */
export async function isCurrent(): Promise<boolean> {
  return (await currentRun()).runId === currentExecution().runId;
}
