import type { TaskRetry } from '../../model/attempt.ts';
import { Fault } from '../../model/fault.ts';
import { withMongoTimeout } from '../../model/mongo-timeout.ts';
import { requireFound } from '../../model/require-found.ts';
import type { Task } from '../../model/task.ts';
import { isFinal } from '../../model/task-state.ts';
import { type AcceptPorts, acceptRun } from '../jobs/accept-run.ts';
import { awaitRecord } from './await-record.ts';
import type { SteerPorts } from './hold-task.ts';

/**
 * Runs a task again from its first step: a held task after its environment was removed, a settled task as a new run of its
 * workflow, which the job's overlap policy treats like a manual run. The next attempt is on record when this returns.
 * Faults: not_found, conflict, too_many_requests, unavailable.
 */
export async function retryFromStart(
  ports: SteerPorts & AcceptPorts,
  taskId: string,
  { versions, by, key }: Omit<TaskRetry, 'attempt'> & { key?: string },
): Promise<{ attempt: number }> {
  const task = requireFound(await withMongoTimeout(ports.tasks.get(taskId)), `task ${taskId}`);
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
  const job = requireFound(await ports.jobs.get(task.jobId), `job ${task.jobId} of task ${taskId}`);
  const { attempt } = await acceptRun(ports, job, {
    trigger: { type: 'manual', by },
    run: { versions: {}, globalProperties: {} },
    retry: { number: task.number, attempt: task.attempt + 1, versions, by },
    key: requestKey,
  });
  return { attempt };
}

/** Retries a held task. Returns undefined when it is not held and the request may repeat one that was answered before. */
async function retryHeld(
  { tasks, steering }: SteerPorts,
  task: Task,
  { versions, by, key }: Omit<TaskRetry, 'attempt'> & { key?: string },
): Promise<{ attempt: number } | undefined> {
  try {
    const answer = await steering.retry(task.id, { from: 'start', versions, by }, key);
    await awaitRecord(tasks, task.id, ({ attempt }) => attempt >= answer.attempt);
    return answer;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    if (key !== undefined) return undefined;
    // The workflow has the current state; the record may still say that the task is held.
    throw new Fault('conflict', error.message, {
      hint: `wait until it has ended, or stop it first: POST /tasks/${task.id}/stop`,
      cause: error,
    });
  }
}
