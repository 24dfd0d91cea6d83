import { Fault } from '../../model/fault.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import { requireFound } from '../../model/require-found.ts';
import { isFinal } from '../../model/task-state.ts';
import { type RemoveTaskPorts, removeTask } from './remove-task.ts';

/**
 * Removes a settled task with its logs, files and outputs. Its number is not reused. A repeated call resumes an interrupted
 * removal. Faults: not_found, conflict while it runs or has undeleted objects, unavailable.
 */
export async function deleteTask(
  ports: RemoveTaskPorts & { orchestrator: Orchestrator },
  taskId: string,
): Promise<void> {
  const task = requireFound(await ports.tasks.summary(taskId), `task ${taskId}`);
  if (!isFinal(task.state)) {
    const hint = `stop it first: POST /api/v1/tasks/${taskId}/stop`;
    throw new Fault('conflict', `task ${taskId} has not ended: it is ${task.state}`, { hint });
  }
  if (task.debts.length > 0) {
    throw new Fault('conflict', `task ${taskId} has ${task.debts.length} undeleted objects`, {
      hint: 'undeletedObjects of the task lists the reasons; the janitor retries every minute; delete the task when the list is empty',
    });
  }
  const running = (await ports.orchestrator.taskRun(taskId))?.status === 'running';
  if (running || !(await ports.tasks.beginLogRemoval(taskId, new Date()))) {
    throw new Fault('conflict', `the workflow of task ${taskId} is still running`, {
      hint: 'retry in a moment, or stop the task first',
    });
  }
  await removeTask(ports, task);
}
