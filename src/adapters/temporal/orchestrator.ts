import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { Fault } from '../../model/fault.ts';
import { jobMessages, type TriggerRequest } from '../../model/job-messages.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { jobWorkflowId, queues, taskWorkflowId } from '../../model/queues.ts';
import { readBacklogs } from './backlogs.ts';
import { soonBy, withinBy } from './unanswered.ts';

/** How long the start of an accepted task waits for Temporal: who asked for it waits for the answer. */
const startTimeoutMs = 3000;

/** The durable side of the services on a Temporal client. */
export function createOrchestrator(client: Client): Orchestrator {
  const soon = soonBy(client);
  const within = withinBy(client);
  return {
    async startTask(jobId, request) {
      await within(startTimeoutMs, () =>
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
      await soon(() =>
        client.workflow.signalWithStart('job', {
          ...entityOf(job.id, job.execCount),
          signal: jobMessages.trigger,
          signalArgs: [request],
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
