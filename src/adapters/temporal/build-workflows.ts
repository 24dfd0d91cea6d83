import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { buildId, buildMessages } from '../../model/build.ts';
import type { BuildWorkflows } from '../../model/ports/builds.ts';
import { buildWorkflowId, queues } from '../../model/queues.ts';
import { createDeadline } from './with-deadline.ts';

export function createBuildWorkflows(client: Client): BuildWorkflows {
  const withDeadline = createDeadline(client);
  return {
    async join(input, waiter) {
      const { signaledRunId } = await withDeadline(() =>
        client.workflow.signalWithStart('build', {
          workflowId: buildWorkflowId(buildId(input.image)),
          taskQueue: queues.control,
          args: [input],
          signal: buildMessages.join,
          signalArgs: [waiter],
          staticSummary: `image ${input.image}`,
        }),
      );
      return signaledRunId;
    },

    async running(id) {
      try {
        const { runId, status } = await withDeadline(() => client.workflow.getHandle(buildWorkflowId(id)).describe());
        return status.name === 'RUNNING' ? runId : undefined;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
  };
}
