import type { TaskPlan } from '../../../../src/model/activities.ts';
import { openTask as open } from '../../../../src/services/tasks/open-task.ts';

/** Opens a task that was not withdrawn. */
export async function openTask(...args: Parameters<typeof open>): Promise<TaskPlan> {
  const plan = await open(...args);
  if (!plan) throw new Error('the task was withdrawn');
  return plan;
}
