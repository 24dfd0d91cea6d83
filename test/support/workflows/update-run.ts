import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { createOrchestrator as createReal } from '../../../src/adapters/temporal/orchestrator.ts';
import { updateFault } from '../../../src/adapters/temporal/task-messages.ts';
import type { Job } from '../../../src/model/job.ts';
import {
  type AcceptedRun,
  jobMessages,
  type RunRequest,
  type TriggerRequest,
} from '../../../src/model/job-messages.ts';
import type { Orchestrator } from '../../../src/model/ports/orchestrator.ts';
import { jobWorkflowId, queues } from '../../../src/model/queues.ts';
import type { EventTrigger, ManualTrigger } from '../../../src/model/trigger.ts';

/** Creates an orchestrator that can also run a job by the entity's update, as Temporal's own tools may send it. */
export function createOrchestrator(
  client: Client,
): Orchestrator & { runJob(job: Job, request: RunRequest<ManualTrigger | EventTrigger>): Promise<AcceptedRun> } {
  return {
    ...createReal(client),
    async runJob(job, { trigger, run, key, retry }) {
      const startWorkflowOperation = new WithStartWorkflowOperation('job', {
        workflowId: jobWorkflowId(job.id),
        taskQueue: queues.control,
        args: [{ jobId: job.id, lastNumber: job.execCount }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      startWorkflowOperation.workflowHandle().catch(() => undefined);
      const request: TriggerRequest = {
        ...{ testFlowId: job.testFlowId, lastNumber: job.execCount, policy: job.policy, trigger, run },
        requestedAt: new Date().toISOString(),
        key,
        retry,
      };
      try {
        return await client.workflow.executeUpdateWithStart<never, AcceptedRun, [TriggerRequest]>(jobMessages.run, {
          args: [request],
          startWorkflowOperation: startWorkflowOperation as never,
          ...(key !== undefined && { updateId: key }),
        });
      } catch (error) {
        throw updateFault(error);
      }
    },
  };
}
