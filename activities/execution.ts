import { activityInfo } from '@temporalio/activity';

/** The Temporal run that the current activity is part of; ours are never started without a workflow. */
export function execution(): { workflowId: string; runId: string } {
  const { workflowExecution, activityType } = activityInfo();
  if (!workflowExecution) throw new Error(`activity ${activityType} was started without a workflow`);
  return { workflowId: workflowExecution.workflowId, runId: workflowExecution.runId };
}
