import type { LostTask } from '../../model/activities.ts';
import type { Orchestrator } from '../../model/ports/orchestrator.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { isFinal } from '../../model/task-state.ts';

export interface LostPorts {
  tasks: TaskStore;
  orchestrator: Orchestrator;
}

/** A task whose record is unsettled although its workflow has ended; undefined when it is not such a one. */
export async function findLost({ tasks, orchestrator }: LostPorts, taskId: string): Promise<LostTask | undefined> {
  const before = await orchestrator.taskRun(taskId);
  if (before?.status === 'running') return undefined;
  // Asked second: a workflow settles its record before it ends.
  const task = await tasks.summary(taskId);
  // Nothing was begun of one that is queued: `reconcileStarts` looks after it.
  if (!task || isFinal(task.state) || task.queuedAt) return undefined;
  const { testId, attempt, workflowId } = task;
  const runId = before?.runId ?? task.runId;
  return { taskId, testId, attempt, workflowId, runId, terminated: before?.status === 'terminated' };
}

/** Ids of all lost tasks. */
export async function lostTasks(ports: LostPorts): Promise<string[]> {
  const lost: string[] = [];
  for (const { id } of await ports.tasks.unsettled()) if (await findLost(ports, id)) lost.push(id);
  return lost;
}
