import type { Task } from '../../model/task.ts';

/** What the error of a stopped task says of who stopped it, and why. */
export function stopMessage(stop: Task['stop']): string {
  if (!stop) return 'the task was stopped';
  const { by, reason } = stop;
  return `the task was stopped by ${by}${reason === undefined ? '' : `: ${reason}`}`;
}
