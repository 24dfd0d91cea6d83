import { type Client, WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import type { Orchestrator, RunRequest } from '../model/durable-ports.ts';
import { Fault } from '../model/fault.ts';
import type { Job } from '../model/job.ts';
import { type Accepted, jobMessages, type TriggerRequest } from '../model/job-messages.ts';
import { jobWorkflowId, queues, taskWorkflowId } from '../model/queues.ts';
import type { TaskTrigger } from '../model/trigger.ts';
import { readBacklogs } from './backlogs.ts';
import { refusal } from './task-messages.ts';
import { isUnanswered, soonBy } from './unanswered.ts';

/** How long a run by hand waits for a worker, in milliseconds. */
const answerWithin = 5000;

/** The durable side of the services on a Temporal client. */
export function createOrchestrator(client: Client): Orchestrator {
  const soon = soonBy(client);
  return {
    async runJob(job, request) {
      const { key } = request;
      const startWorkflowOperation = new WithStartWorkflowOperation('job', {
        ...entityOf(job.id, job.execCount),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      // Its rejection is the update's own; without a listener it would be unhandled.
      startWorkflowOperation.workflowHandle().catch(() => undefined);
      return client
        .withDeadline(Date.now() + answerWithin, () =>
          client.workflow.executeUpdateWithStart<never, Accepted, [TriggerRequest]>(jobMessages.run, {
            args: [requestOf(job, request)],
            startWorkflowOperation: startWorkflowOperation as never,
            ...(key !== undefined && { updateId: key }),
          }),
        )
        .catch((error: unknown) => {
          throw isUnanswered(error) ? noWorker(job.id, error) : refusal(error);
        });
    },

    async triggerJob(job, { trigger, key, again }) {
      const run = { versions: {}, globalProperties: {} };
      await soon(() =>
        client.workflow.signalWithStart('job', {
          ...entityOf(job.id, job.execCount),
          signal: jobMessages.trigger,
          signalArgs: [requestOf(job, { trigger, run, key, again })],
        }),
      );
    },

    async taskRun(taskId) {
      try {
        const { runId, status } = await soon(() => client.workflow.getHandle(taskWorkflowId(taskId)).describe());
        const names = { RUNNING: 'running', TERMINATED: 'terminated' } as const;
        return { runId, status: names[status.name as keyof typeof names] ?? 'closed' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    async stopTask(taskId) {
      const handle = client.workflow.getHandle(taskWorkflowId(taskId));
      try {
        // The server takes the cancel of a closed workflow without a word, so ask first.
        const { status } = await soon(() => handle.describe());
        if (status.name !== 'RUNNING') throw new Fault('conflict', `task ${taskId} has ended already`);
        await soon(() => handle.cancel());
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new Fault('conflict', `task ${taskId} has ended already`, { cause: error });
      }
    },

    async deleteJob(jobId) {
      await soon(() =>
        client.workflow.signalWithStart('job', { ...entityOf(jobId, 0), signal: jobMessages.delete, signalArgs: [] }),
      );
    },

    backlogs: (timeoutMs) => readBacklogs(client, timeoutMs),

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

/** How the entity of a job is started where it does not run. */
function entityOf(jobId: string, lastNumber: number) {
  return {
    workflowId: jobWorkflowId(jobId),
    taskQueue: queues.control,
    args: [{ jobId, lastNumber }],
    staticSummary: `job ${jobId}`,
  };
}

function requestOf(
  job: Job,
  { trigger, run, key, again, retry }: Omit<RunRequest, 'trigger'> & { trigger: TaskTrigger; again?: boolean },
): TriggerRequest {
  return {
    testFlowId: job.testFlowId,
    lastNumber: job.execCount,
    policy: job.policy,
    trigger,
    requestedAt: new Date().toISOString(),
    run,
    ...(key !== undefined && { key }),
    ...(again && { again }),
    ...(retry && { retry }),
  };
}

function noWorker(jobId: string, cause: unknown): Fault {
  return new Fault('unavailable', `no worker took the run of job ${jobId} within ${answerWithin / 1000} s`, {
    hint: 'see that a worker runs and reaches Temporal (npm run worker); the request can be sent again with its Idempotency-Key',
    cause,
  });
}
