import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Fault } from '../model/fault.ts';
import { type Accepted, jobMessages, type RunRequest } from '../model/job-messages.ts';
import type { Orchestrator } from '../model/ports.ts';
import { jobWorkflowId, queues, taskWorkflowId } from '../model/queues.ts';

/** How long a run by hand waits for a worker, in milliseconds. */
const answerWithin = 5000;

/** The durable side of the services on a Temporal client. */
export function createOrchestrator(client: Client): Orchestrator {
  return {
    async runJob(job, { trigger, run, key }) {
      const request: RunRequest = {
        testFlowId: job.testFlowId,
        lastNumber: job.execCount,
        trigger,
        requestedAt: new Date().toISOString(),
        run,
        ...(key !== undefined && { key }),
      };
      const startWorkflowOperation = new WithStartWorkflowOperation('job', {
        workflowId: jobWorkflowId(job.id),
        taskQueue: queues.control,
        args: [{ jobId: job.id, lastNumber: job.execCount, answers: [] }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `job ${job.name}`,
      });
      // Its rejection is the update's own; without a listener it would be unhandled.
      startWorkflowOperation.workflowHandle().catch(() => undefined);
      return client
        .withDeadline(Date.now() + answerWithin, () =>
          client.workflow.executeUpdateWithStart<never, Accepted, [RunRequest]>(jobMessages.run, {
            args: [request],
            startWorkflowOperation: startWorkflowOperation as never,
            ...(key !== undefined && { updateId: key }),
          }),
        )
        .catch((error: unknown) => {
          throw isUnanswered(error) ? noWorker(job.id, error) : error;
        });
    },

    async stopTask(taskId) {
      const handle = client.workflow.getHandle(taskWorkflowId(taskId));
      try {
        // The server takes the cancel of a closed workflow without a word, so ask first.
        const { status } = await handle.describe();
        if (status.name !== 'RUNNING') throw new Fault('conflict', `task ${taskId} has ended already`);
        await handle.cancel();
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) {
          throw new Fault('conflict', `task ${taskId} has ended already`, { cause: error });
        }
        throw isUnanswered(error) ? unreachable(error) : error;
      }
    },

    async forgetJob(jobId) {
      try {
        await client.workflow.getHandle(jobWorkflowId(jobId)).signal(jobMessages.forget);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return;
        throw isUnanswered(error) ? unreachable(error) : error;
      }
    },

    async healthy(timeoutMs) {
      try {
        const { namespace } = client.options;
        await client.withDeadline(Date.now() + timeoutMs, () =>
          client.connection.workflowService.describeNamespace({ namespace }),
        );
        return true;
      } catch {
        return false; // That it does not answer is the answer.
      }
    },
  };
}

/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE (grpc/grpc doc/statuscodes.md). */
const unanswered = [4, 14];

function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && unanswered.includes(Number(cause.code));
}

function noWorker(jobId: string, cause: unknown): Fault {
  return new Fault('unavailable', `no worker took the run of job ${jobId} within ${answerWithin / 1000} s`, {
    hint: 'see that a worker runs and reaches Temporal (npm run worker); the request can be sent again with its Idempotency-Key',
    cause,
  });
}

function unreachable(cause: unknown): Fault {
  return new Fault('unavailable', 'Temporal does not answer', { hint: 'see /readyz', cause });
}
