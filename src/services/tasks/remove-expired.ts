import type { Logger } from 'pino';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskSummary } from '../../model/ports/tasks.ts';
import { type RemoveTaskPorts, removeLogs, removeTask } from './remove-task.ts';

export interface RemoveExpiredPorts extends RemoveTaskPorts {
  orchestrator: Pick<Orchestrator, 'taskRun'>;
  log: Logger;
}

/** Tasks that are removed in one go. */
const batch = 50;

/** Removes logs, files and outputs of tasks that ended before; their records say so from then on. True when there may be more. */
export async function removeExpiredLogs(
  ports: RemoveExpiredPorts,
  before: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const { tasks } = ports;
  return each(
    ports,
    await tasks.expiredLogs(before, batch),
    signal,
    'removed the logs of an old task',
    async (task) => {
      if (!(await tasks.beginLogRemoval(task.id, new Date()))) return false;
      await removeLogs(ports, task);
      await tasks.endLogRemoval(task.id);
      return true;
    },
  );
}

/** Removes tasks that ended before, with all that there is of them. True when there may be more. */
export async function removeExpiredTasks(
  ports: RemoveExpiredPorts,
  before: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const { tasks } = ports;
  return each(ports, await tasks.expired(before, batch), signal, 'removed an old task', async (task) => {
    if (!(await tasks.beginLogRemoval(task.id, new Date()))) return false;
    await removeTask(ports, task);
    return true;
  });
}

/** One whose workflow runs, as it was reset or retried, is left alone, whatever its record says. */
async function each(
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
    if (task && (await remove(task))) log.info({ task: id, settledAt: task.times.settledAt }, message);
  }
  return ids.length === batch;
}
