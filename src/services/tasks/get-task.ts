import type { OutputStore } from '../../model/ports/outputs.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import type { StepProgress } from '../../model/step.ts';
import type { Task } from '../../model/task.ts';

export interface TaskWithOutputs extends Omit<Task, 'steps'> {
  steps: (StepProgress & { outputs?: Record<string, unknown> })[];
}

/** Returns a task with the outputs of its current attempt's steps. Faults: not_found. */
export async function getTask(
  ports: { tasks: TaskStore; outputs: OutputStore },
  taskId: string,
): Promise<TaskWithOutputs> {
  const hint = 'a task that was just accepted is on record a moment later';
  const task = requireFound(await ports.tasks.get(taskId), `task ${taskId}`, hint);
  const outputs = await ports.outputs.all(taskId, task.attempt);
  return { ...task, steps: task.steps.map((step) => ({ ...step, outputs: outputs[step.instance] })) };
}
