import type { Logger } from 'pino';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskSummary } from '../../model/ports/tasks.ts';
import { type RemoveTaskPorts, removeLogs, removeTask } from './remove-task.ts';

export interface RemoveExpiredPorts extends RemoveTaskPorts {
  orchestrator: Pick<Orchestrator, 'taskRun'>;
  log: Logger;
}

/** Maximum number of tasks per call. */
const batchSize = 50;

/** Removes logs, files and outputs of tasks that ended before, and marks their records. True when there may be more. */
export async function removeExpiredLogs(
  ports: RemoveExpiredPorts,
  before: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const { tasks } = ports;
  return removeEach(
    ports,
    await tasks.expiredLogs(before, batchSize),
    signal,
    'removed the logs of an expired task',
    async (task) => {
      if (!(await tasks.beginLogRemoval(task.id, new Date()))) return false;
      await removeLogs(ports, task);
      await tasks.endLogRemoval(task.id);
      return true;
    },
  );
}

/** Removes tasks that ended before, with all their data. True when there may be more. */
export async function removeExpiredTasks(
  ports: RemoveExpiredPorts,
  before: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const { tasks } = ports;
  return removeEach(ports, await tasks.expired(before, batchSize), signal, 'removed an expired task', async (task) => {
    if (!(await tasks.beginLogRemoval(task.id, new Date()))) return false;
    await removeTask(ports, task);
    return true;
  });
}

/** Skips a task whose workflow is running, as after a reset or retry, whatever its record says. */
async function removeEach(
  { tasks, orchestrator, log }: RemoveExpiredPorts,
  ids: readonly string[],
  signal: AbortSignal,
  message: string,
  remove: (task: TaskSummary) => Promise<boolean>,
): Promise<boolean> {
  for (const id of ids) {
    signal.throwIfAborted();
    if ((await orchestrator.taskRun(id))?.status === 'running') continue;
    const task = await tasks.summary(id);
    if (task && (await remove(task))) log.info({ taskId: id, settledAt: task.times.settledAt }, message);
  }
  return ids.length === batchSize;
}
