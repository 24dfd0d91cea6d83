import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Fault } from '../../model/fault.ts';
import type { BisectWorkflows } from '../../model/ports/bisects.ts';
import { bisectWorkflowId, queues, searchAttributeNames } from '../../model/queues.ts';
import { createDeadline } from './with-deadline.ts';

const jobAttribute = defineSearchAttributeKey(searchAttributeNames.job, SearchAttributeType.KEYWORD);

export function createBisectWorkflows(client: Client): BisectWorkflows {
  const withDeadline = createDeadline(client);
  return {
    async start(input) {
      try {
        await withDeadline(() =>
          client.workflow.start('bisect', {
            workflowId: bisectWorkflowId(input.id),
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            taskQueue: queues.control,
            args: [input],
            staticSummary: `first bad commit of ${input.component}`,
            typedSearchAttributes: [{ key: jobAttribute, value: input.jobId }],
          }),
        );
      } catch (error) {
        // The same request again: the id is derived from its key.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    async isRunning(id) {
      try {
        const { status } = await withDeadline(() => client.workflow.getHandle(bisectWorkflowId(id)).describe());
        return status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    async stop(id) {
      const handle = client.workflow.getHandle(bisectWorkflowId(id));
      try {
        const { status } = await withDeadline(() => handle.describe());
        if (status.name !== 'RUNNING') throw new Fault('conflict', `bisect ${id} has already ended`);
        await withDeadline(() => handle.cancel());
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new Fault('not_found', `bisect ${id} does not exist`, { cause: error });
      }
    },
  };
}
