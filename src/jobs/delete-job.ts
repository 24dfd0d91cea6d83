import { Fault } from '../model/fault.ts';
import { found } from '../model/found.ts';
import type { LogStore } from '../model/log.ts';
import type { JobStore, Orchestrator, OutputStore, TaskStore, TaskSummary } from '../model/ports.ts';
import { isFinal } from '../model/task.ts';

export interface DeleteJobPorts {
  jobs: JobStore;
  tasks: TaskStore;
  logs: LogStore;
  outputs: OutputStore;
  orchestrator: Orchestrator;
}

/**
 * Removes a job with its tasks and their logs. The job's own record goes first, so that nothing new starts; one that was
 * interrupted there goes on when it is asked for again. Faults: not_found, conflict while tasks of the job run, unavailable.
 */
export async function deleteJob(ports: DeleteJobPorts, jobId: string): Promise<void> {
  const job = await ports.jobs.get(jobId);
  const running = unsettled(await tasksOf(ports.tasks, jobId));
  if (running.length > 0) throw stillRunning(`tasks of job ${jobId} run`, running);
  await ports.orchestrator.forgetJob(jobId);
  await ports.jobs.delete(jobId);
  // A run that was accepted meanwhile may be on record only now.
  const tasks = await tasksOf(ports.tasks, jobId);
  const late = unsettled(tasks);
  if (late.length > 0) throw stillRunning(`job ${jobId} is deleted, but these tasks of it have begun meanwhile`, late);
  if (tasks.length === 0) found(job, `job ${jobId}`);
  for (const task of tasks) {
    await ports.logs.delete(task.id);
    await ports.outputs.delete(task.id, task.attempt);
    await ports.tasks.delete(task.id);
  }
}

async function tasksOf(store: TaskStore, jobId: string): Promise<TaskSummary[]> {
  const tasks: TaskSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ jobId }, { limit: 200, cursor });
    tasks.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tasks;
}

function unsettled(tasks: readonly TaskSummary[]): string[] {
  return tasks.filter(({ state }) => !isFinal(state)).map(({ id }) => id);
}

function stillRunning(what: string, taskIds: readonly string[]): Fault {
  return new Fault('conflict', `${what}: ${taskIds.join(', ')}`, {
    hint: 'stop them with POST /tasks/{id}/stop, or wait until they have ended, then delete the job again',
  });
}
