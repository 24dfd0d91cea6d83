import { activityInfo, getClient } from '@temporalio/activity';

/** The Temporal run that the current activity is part of; ours are never started without a workflow. */
export function execution(): { workflowId: string; runId: string } {
  const { workflowExecution, activityType } = activityInfo();
  if (!workflowExecution) throw new Error(`activity ${activityType} was started without a workflow`);
  return { workflowId: workflowExecution.workflowId, runId: workflowExecution.runId };
}

/** The newest run of the current activity's workflow; another than the activity's own after a reset. */
export async function currentRun(): Promise<{ runId: string; startTime: Date }> {
  const { runId, startTime } = await getClient().workflow.getHandle(execution().workflowId).describe();
  return { runId, startTime };
}

/** Whether the current activity's Temporal run is the newest of its workflow. */
export async function isCurrent(): Promise<boolean> {
  return (await currentRun()).runId === execution().runId;
}
