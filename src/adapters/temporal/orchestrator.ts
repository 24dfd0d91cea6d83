import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { Fault } from '../../model/fault.ts';
import { jobMessages, type TriggerRequest } from '../../model/job-messages.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { jobWorkflowId, queues, taskWorkflowId } from '../../model/queues.ts';
import { readBacklogs } from './backlogs.ts';
import { createDeadline, createTimeout } from './with-deadline.ts';

/** Time limit for starting an accepted task: the client waits for the answer. */
const startTimeoutMs = 3000;

/** Creates the orchestrator on a Temporal client. */
export function createOrchestrator(client: Client): Orchestrator {
  const withDeadline = createDeadline(client);
  const withTimeout = createTimeout(client);
  return {
    async startTask(jobId, request) {
      await withTimeout(startTimeoutMs, () =>
        client.workflow.signalWithStart('job', {
          ...entityOf(jobId, request.lastNumber),
          signal: jobMessages.trigger,
          signalArgs: [request],
        }),
      );
    },

    async triggerJob(job, { trigger, key, again }) {
      const request: TriggerRequest = {
        testFlowId: job.testFlowId,
        lastNumber: job.execCount,
        policy: job.policy,
        trigger,
        requestedAt: new Date().toISOString(),
        run: { versions: {}, globalProperties: {} },
        key,
        ...(again && { again }),
      };
      await withDeadline(() =>
        client.workflow.signalWithStart('job', {
          ...entityOf(job.id, job.execCount),
          signal: jobMessages.trigger,
          signalArgs: [request],
        }),
      );
    },

    async taskRun(taskId) {
      try {
        const { runId, status } = await withDeadline(() =>
          client.workflow.getHandle(taskWorkflowId(taskId)).describe(),
        );
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
        // The server silently accepts cancelling a closed workflow, so its status is read first.
        const { status } = await withDeadline(() => handle.describe());
        if (status.name !== 'RUNNING') throw new Fault('conflict', `task ${taskId} has already ended`);
        await withDeadline(() => handle.cancel());
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new Fault('conflict', `task ${taskId} has already ended`, { cause: error });
      }
    },

    async deleteJob(jobId) {
      await withDeadline(() =>
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
        return false; // An unreachable server is unhealthy.
      }
    },
  };
}

/** Returns the start options of a job's entity workflow. */
function entityOf(jobId: string, lastNumber: number) {
  return {
    workflowId: jobWorkflowId(jobId),
    taskQueue: queues.control,
    args: [{ jobId, lastNumber }],
    staticSummary: `job ${jobId}`,
  };
}
