import { Fault } from '../../model/fault.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { isFinal } from '../../model/task-state.ts';
import { stopMessage } from './stop-message.ts';

/**
 * Records the user and the reason of a stop, then asks the task's workflow to stop. Does not wait for the task's end.
 * Faults: not_found, conflict when it has ended already, unavailable.
 */
export async function stopTask(
  ports: { tasks: TaskStore; orchestrator: Orchestrator },
  taskId: string,
  { by, reason }: { by: string; reason?: string },
): Promise<void> {
  const task = requireFound(await ports.tasks.summary(taskId), `task ${taskId}`);
  if (isFinal(task.state)) throw new Fault('conflict', `task ${taskId} has ended already: ${task.state}`);
  const at = new Date();
  const stop = { by, reason, at };
  // A task that no workflow has claimed is stopped in its record alone: its start then does nothing.
  if (task.queuedAt && (await ports.tasks.cancelStart(taskId, { message: stopMessage(stop), stop, at }))) return;
  await ports.tasks.recordStop(taskId, stop);
  await ports.orchestrator.stopTask(taskId);
}
