import type { LostTask } from '../../model/activities.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { isFinal } from '../../model/task-state.ts';

export interface LostPorts {
  tasks: TaskStore;
  orchestrator: Orchestrator;
}

/** Returns the task if its record is unsettled although its workflow has ended, otherwise undefined. */
export async function findLostTask({ tasks, orchestrator }: LostPorts, taskId: string): Promise<LostTask | undefined> {
  const before = await orchestrator.taskRun(taskId);
  if (before?.status === 'running') return undefined;
  // Read second: a workflow settles its record before it ends.
  const task = await tasks.summary(taskId);
  // A queued task has not begun: `reconcileStarts` handles it.
  if (!task || isFinal(task.state) || task.queuedAt) return undefined;
  const { testId, attempt, workflowId } = task;
  const runId = before?.runId ?? task.runId;
  return { taskId, testId, attempt, workflowId, runId, terminated: before?.status === 'terminated' };
}

/** Returns the ids of all lost tasks. */
export async function listLostTasks(ports: LostPorts): Promise<string[]> {
  const lost: string[] = [];
  for (const { id } of await ports.tasks.unsettled()) if (await findLostTask(ports, id)) lost.push(id);
  return lost;
}
