import { Fault } from '../../model/fault.ts';
import type { Job } from '../../model/job.ts';
import type { RunRequest, TriggerRequest } from '../../model/job-messages.ts';
import { newId } from '../../model/new-id.ts';
import type { RunAnswer, TaskStart } from '../../model/ports/accepted-tasks.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { taskWorkflowId } from '../../model/queues.ts';
import { requireFound } from '../../model/require-found.ts';
import type { ManualTrigger } from '../../model/trigger.ts';
import { newTask, testIdOf } from '../tasks/new-task.ts';
import { assertOverlapAllowed } from './check-overlap.ts';
import { type DispatchStartPorts, dispatchStart } from './dispatch-start.ts';

export interface AcceptPorts extends DispatchStartPorts {
  jobs: JobStore;
  flows: FlowStore;
  siteGlobals: SiteGlobalStore;
  tasks: TaskStore;
  plugins: PluginStore;
}

/** Accepted tasks of all jobs that no workflow has claimed: about as many as workers start in a few minutes. */
const maxUnclaimed = 1000;

/**
 * Accepts a run of a job: records its task and hands the start to Temporal before it returns, so that no worker is
 * needed. Leaves nothing behind on failure. Faults: conflict by the overlap policy, too_many_requests, unavailable.
 */
export async function acceptRun(ports: AcceptPorts, job: Job, request: RunRequest<ManualTrigger>): Promise<RunAnswer> {
  const key = request.key === undefined ? undefined : `${job.id}/${request.key}`;
  for (;;) {
    const known = key === undefined ? undefined : await findEarlierAnswer(ports, key);
    if (known) return known;
    if ((await ports.tasks.countUnclaimed()) >= maxUnclaimed) throw tooManyUnclaimed();
    const self = request.retry && `${job.id}-${request.retry.number}`;
    await assertOverlapAllowed(ports.tasks, job, self);
    const { answer, startId } = await recordTask(ports, job, request);
    try {
      if (key !== undefined && !(await ports.tasks.keepAnswer(key, answer))) {
        // A concurrent request with the same key was faster.
        await ports.tasks.withdraw(answer.taskId, startId);
        continue;
      }
      // Checked again, as other runs may have been accepted at the same time.
      await assertOverlapAllowed(ports.tasks, job, answer.taskId);
    } catch (error) {
      await ports.tasks.withdraw(answer.taskId, startId);
      if (key !== undefined) await ports.tasks.forgetAnswer(key, answer.taskId);
      throw error;
    }
    await dispatchStart(ports, { taskId: answer.taskId, startId, key });
    return answer;
  }
}

/**
 * Returns the answer of the first request with a key and dispatches its start if needed; undefined when it was
 * withdrawn.
 */
async function findEarlierAnswer(ports: AcceptPorts, key: string): Promise<RunAnswer | undefined> {
  const answer = await ports.tasks.answerOf(key);
  if (!answer) return undefined;
  const { taskId, attempt } = answer;
  const task = await ports.tasks.summary(taskId);
  if (!task || task.attempt < attempt) {
    await ports.tasks.forgetAnswer(key, taskId);
    return undefined;
  }
  const start = await ports.tasks.startOf(taskId);
  if (start && !start.dispatchedAt) await dispatchStart(ports, { taskId, startId: start.id, key });
  return answer;
}

/** Records the task with its start. */
async function recordTask(
  ports: AcceptPorts,
  job: Job,
  request: RunRequest<ManualTrigger>,
): Promise<{ answer: RunAnswer; startId: string }> {
  const startId = newId();
  const at = new Date();
  const startOf = (number: number): TaskStart => ({
    ...{ id: startId, jobId: job.id, at },
    request: createTriggerRequest(job, request, number, startId),
  });
  if (request.retry) {
    const { number, attempt } = request.retry;
    const taskId = `${job.id}-${number}`;
    if (await ports.tasks.acceptAgain(taskId, attempt - 1, startOf(number)))
      return { answer: { taskId, attempt }, startId };
    requireFound(await ports.tasks.summary(taskId), `task ${taskId}`);
    throw new Fault('conflict', `task ${taskId} is already running`, { hint: 'wait until it has ended, or stop it' });
  }
  const plugins = await ports.plugins.list();
  for (;;) {
    const number = await ports.jobs.takeNumber(job.id);
    const taskId = `${job.id}-${number}`;
    const { testFlowId } = job;
    const { trigger, run } = request;
    const input = { jobId: job.id, testFlowId, number, trigger, run, requestedAt: at.toISOString() };
    const { task } = await newTask(ports, { job, plugins }, input, { workflowId: taskWorkflowId(taskId), runId: '' });
    if (await ports.tasks.accept(task, testIdOf(taskId), startOf(number))) {
      return { answer: { taskId, attempt: 1 }, startId };
    }
  }
}

function createTriggerRequest(
  { testFlowId, policy }: Job,
  { trigger, run, retry }: RunRequest<ManualTrigger>,
  number: number,
  startId: string,
): TriggerRequest {
  return {
    testFlowId,
    lastNumber: number,
    policy,
    trigger,
    requestedAt: new Date().toISOString(),
    run,
    key: `start/${startId}`,
    retry,
    accepted: { startId, number },
  };
}

function tooManyUnclaimed(): Fault {
  return new Fault('too_many_requests', `${maxUnclaimed} accepted tasks are waiting for a worker`, {
    hint: 'retry later; check that workers run (npm run worker), or stop tasks that are not needed',
  });
}
