import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { isFinal } from '../../model/task-state.ts';
import { stopMessage } from './stop-message.ts';

/**
 * Records who wants the task stopped, and why, then asks its workflow to stop; that it has stopped shows in its state.
 * Faults: not_found, conflict when it has ended already, unavailable.
 */
export async function stopTask(
  ports: { tasks: TaskStore; orchestrator: Orchestrator },
  taskId: string,
  { by, reason }: { by: string; reason?: string },
): Promise<void> {
  const task = found(await ports.tasks.summary(taskId), `task ${taskId}`);
  if (isFinal(task.state)) throw new Fault('conflict', `task ${taskId} has ended already: ${task.state}`);
  const at = new Date();
  const stop = { by, ...(reason !== undefined && { reason }), at };
  // One that no workflow has claimed is stopped on record: what its entity gets of it starts nothing.
  if (task.queuedAt && (await ports.tasks.cancelStart(taskId, { message: stopMessage(stop), stop, at }))) return;
  await ports.tasks.recordStop(taskId, stop);
  await ports.orchestrator.stopTask(taskId);
}
