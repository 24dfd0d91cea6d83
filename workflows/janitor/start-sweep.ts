import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { sweepWorkflowId } from '../../src/model/queues.ts';
import { sweep } from './sweep.ts';

/** Starts a sweep of a task, unless one is running already. */
export async function startSweep(taskId: string): Promise<void> {
  try {
    await startChild(sweep, {
      workflowId: sweepWorkflowId(taskId),
      args: [{ taskId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `remove leftovers of task ${taskId}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
