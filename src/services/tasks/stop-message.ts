import type { Task } from '../../model/task.ts';

/** Returns the error message of a stopped task, with the user and the reason. */
export function stopMessage(stop: Task['stop']): string {
  if (!stop) return 'the task was stopped';
  const { by, reason } = stop;
  return `the task was stopped by ${by}${reason === undefined ? '' : `: ${reason}`}`;
}
