import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { isFinal } from '../../model/task-state.ts';
import { type RemoveTaskPorts, removeTask } from './remove-task.ts';

/**
 * Removes a settled task with its logs, files and outputs; its number is not given again. Asked again after an
 * interruption, it goes on. Faults: not_found, conflict while it runs or has debts, unavailable.
 */
export async function deleteTask(
  ports: RemoveTaskPorts & { orchestrator: Orchestrator },
  taskId: string,
): Promise<void> {
  const task = found(await ports.tasks.summary(taskId), `task ${taskId}`);
  if (!isFinal(task.state)) {
    const hint = `stop it first: POST /api/v1/tasks/${taskId}/stop`;
    throw new Fault('conflict', `task ${taskId} has not ended: it is ${task.state}`, { hint });
  }
  if (task.debts.length > 0) {
    throw new Fault('conflict', `task ${taskId} has left ${task.debts.length} objects that could not be removed`, {
      hint: 'undeletedObjects of the task lists why; the janitor retries every minute; delete the task when it is empty',
    });
  }
  const running = (await ports.orchestrator.taskRun(taskId))?.status === 'running';
  if (running || !(await ports.tasks.beginLogRemoval(taskId, new Date()))) {
    throw new Fault('conflict', `the workflow of task ${taskId} runs`, {
      hint: 'one that is about to end has done so in a moment; one that was begun again has to be stopped first',
    });
  }
  await removeTask(ports, task);
}
