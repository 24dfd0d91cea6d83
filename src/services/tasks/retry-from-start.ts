import { answersSoon } from '../../model/answers-soon.ts';
import type { RetryVersions } from '../../model/attempt.ts';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import { type AcceptPorts, acceptRun } from '../jobs/accept-run.ts';
import { awaitRecord } from './await-record.ts';
import type { SteerPorts } from './hold-task.ts';

export interface RetryFromStart {
  versions: RetryVersions;
  by: string;
  key?: string;
}

/**
 * Runs a task again from its first step: a held one after its environment was removed, a settled one as a new run of its
 * workflow, which the job's overlap policy treats like a run by hand. Its next attempt is on record once this has answered.
 * Faults: not_found, conflict, too_many_requests, unavailable.
 */
export async function retryFromStart(
  ports: SteerPorts & AcceptPorts,
  taskId: string,
  { versions, by, key }: RetryFromStart,
): Promise<{ attempt: number }> {
  const task = found(await answersSoon(ports.tasks.get(taskId)), `task ${taskId}`);
  const requestKey = key === undefined ? undefined : `retry/${task.number}/${key}`;
  if (!isFinal(task.state) && !task.queuedAt) {
    const earlier = requestKey && (await ports.tasks.answerOf(`${task.jobId}/${requestKey}`));
    const answer = earlier ? undefined : await retryHeld(ports, task, { versions, by, key });
    if (answer) return answer;
  }
  if (task.pipeline.length === 0) {
    throw new Fault('conflict', `task ${taskId} has no steps to run again: its flow could not be run`, {
      hint: `run the job: POST /jobs/${task.jobId}/run`,
    });
  }
  const job = found(await ports.jobs.get(task.jobId), `job ${task.jobId} of task ${taskId}`);
  const { attempt } = await acceptRun(ports, job, {
    trigger: { type: 'manual', by },
    run: { versions: {}, globalProperties: {} },
    retry: { number: task.number, attempt: task.attempt + 1, versions, by },
    ...(requestKey !== undefined && { key: requestKey }),
  });
  return { attempt };
}

/** Undefined when the task is not held and the request may be one that was answered while it was settled. */
async function retryHeld(
  { tasks, steering }: SteerPorts,
  task: Task,
  { versions, by, key }: RetryFromStart,
): Promise<{ attempt: number } | undefined> {
  try {
    const answer = await steering.retry(task.id, { from: 'start', versions, by }, key);
    await awaitRecord(tasks, task.id, ({ attempt }) => attempt >= answer.attempt);
    return answer;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    if (key !== undefined) return undefined;
    // Its workflow knows what it is by now: the record of a hold that was just answered says held still.
    throw new Fault('conflict', error.message, {
      hint: `wait until it has ended, or stop it first: POST /tasks/${task.id}/stop`,
      cause: error,
    });
  }
}
