import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { sweepWorkflowId } from '../../src/model/queues.ts';
import { sweep } from './sweep.ts';

/** Has somebody else clean up after a task; one sweep at a time is enough. */
export async function startSweep(taskId: string): Promise<void> {
  try {
    await startChild(sweep, {
      workflowId: sweepWorkflowId(taskId),
      args: [{ taskId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `what task ${taskId} left`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
