import type { TaskRetry } from '../../model/attempt.ts';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Job, RunJob } from '../../model/job.ts';
import type { TriggerRequest } from '../../model/job-messages.ts';
import { newId } from '../../model/new-id.ts';
import type { RunAnswer, TaskStart } from '../../model/ports/accepted-tasks.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { taskWorkflowId } from '../../model/queues.ts';
import type { ManualTrigger } from '../../model/trigger.ts';
import { newTask, testIdOf } from '../tasks/new-task.ts';
import { assertNothingInTheWay } from './check-overlap.ts';
import { type DispatchStartPorts, dispatchStart } from './dispatch-start.ts';

export interface AcceptPorts extends DispatchStartPorts {
  jobs: JobStore;
  flows: FlowStore;
  siteGlobals: SiteGlobalStore;
  tasks: TaskStore;
  plugins: PluginStore;
}

export interface AcceptRequest {
  trigger: ManualTrigger;
  run: RunJob;
  /** A repeated request with it gets the first one's answer. */
  key?: string;
  /** A settled task of the job, at the attempt before. */
  retry?: TaskRetry & { number: number };
}

/** Tasks that are accepted and not begun, of all jobs: about as many as workers begin in some minutes. */
const maxUnclaimed = 1000;

/**
 * Accepts a run of a job: its task is on record before the answer, and its start in Temporal, so that no worker is needed.
 * Where that fails nothing of it stays. Faults: conflict by the overlap policy, too_many_requests, unavailable.
 */
export async function acceptRun(ports: AcceptPorts, job: Job, request: AcceptRequest): Promise<RunAnswer> {
  const key = request.key === undefined ? undefined : `${job.id}/${request.key}`;
  for (;;) {
    const known = key === undefined ? undefined : await earlierAnswer(ports, key);
    if (known) return known;
    if ((await ports.tasks.countUnclaimed()) >= maxUnclaimed) throw tooMany();
    const self = request.retry && `${job.id}-${request.retry.number}`;
    await assertNothingInTheWay(ports.tasks, job, self);
    const { answer, startId } = await record(ports, job, request);
    try {
      if (key !== undefined && !(await ports.tasks.keepAnswer(key, answer))) {
        // The same request, at the same time, was quicker.
        await ports.tasks.withdraw(answer.taskId, startId);
        continue;
      }
      // Again, as others may have been accepted at the same time.
      await assertNothingInTheWay(ports.tasks, job, answer.taskId);
    } catch (error) {
      await ports.tasks.withdraw(answer.taskId, startId);
      if (key !== undefined) await ports.tasks.forgetAnswer(key, answer.taskId);
      throw error;
    }
    await dispatchStart(ports, { taskId: answer.taskId, startId, key });
    return answer;
  }
}

/** What the first request with a key got; one that is under way is helped on. Undefined where it was withdrawn. */
async function earlierAnswer(ports: AcceptPorts, key: string): Promise<RunAnswer | undefined> {
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
async function record(
  ports: AcceptPorts,
  job: Job,
  request: AcceptRequest,
): Promise<{ answer: RunAnswer; startId: string }> {
  const startId = newId();
  const at = new Date();
  const startOf = (number: number): TaskStart => ({
    ...{ id: startId, jobId: job.id, at },
    request: requestOf(job, request, number, startId),
  });
  if (request.retry) {
    const { number, attempt } = request.retry;
    const taskId = `${job.id}-${number}`;
    if (await ports.tasks.acceptAgain(taskId, attempt - 1, startOf(number)))
      return { answer: { taskId, attempt }, startId };
    found(await ports.tasks.summary(taskId), `task ${taskId}`);
    throw new Fault('conflict', `task ${taskId} runs already`, { hint: 'wait until it has ended, or stop it' });
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

function requestOf(
  { testFlowId, policy }: Job,
  { trigger, run, retry }: AcceptRequest,
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
    ...(retry && { retry }),
    accepted: { startId, number },
  };
}

function tooMany(): Fault {
  return new Fault('too_many_requests', `${maxUnclaimed} accepted tasks wait for a worker to begin them`, {
    hint: 'send it again later; see that workers run (npm run worker), or stop tasks that are not needed',
  });
}
