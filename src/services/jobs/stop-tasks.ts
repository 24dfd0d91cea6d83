import { Fault } from '../../model/fault.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { stopMessage } from '../tasks/stop-message.ts';

/**
 * Stops the tasks of a job: those on record, and `more` that may not be recorded yet. Returns the ids of those that
 * have not ended. A task whose workflow ended without settling it counts as ended: nothing of it will start any more.
 */
export async function stopTasks(
  { tasks, orchestrator }: { tasks: TaskStore; orchestrator: Orchestrator },
  jobId: string,
  more: readonly string[],
): Promise<string[]> {
  const unsettled = await tasks.unsettled(jobId);
  const taskIds = [...new Set([...unsettled.map(({ id }) => id), ...more])];
  const open: string[] = [];
  for (const taskId of taskIds) {
    const stop = { by: 'system', reason: 'its job is being deleted', at: new Date() };
    if (await tasks.cancelStart(taskId, { message: stopMessage(stop), stop, at: stop.at })) continue;
    await tasks.recordStop(taskId, stop);
    try {
      await orchestrator.stopTask(taskId);
      open.push(taskId);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    }
  }
  return open;
}
