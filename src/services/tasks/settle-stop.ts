import type { TaskPatch, TaskStore } from '../../model/ports/tasks.ts';
import { stopMessage } from './stop-message.ts';

/**
 * Adds the stop to the last patch of a task: the error of a stopped task names the user and the reason. A task that succeeded
 * was not stopped, as after a reset in Temporal.
 */
export async function settleStop(tasks: TaskStore, taskId: string, patch: TaskPatch): Promise<TaskPatch> {
  if (patch.state === 'success') return { ...patch, stop: null };
  const { error, attempts } = patch;
  if (error?.code !== 'stopped') return patch;
  const stop = (await tasks.summary(taskId))?.stop;
  if (!stop) return patch;
  const stopError = { ...error, message: stopMessage(stop) };
  const newest = attempts?.at(-1);
  if (newest?.error?.code !== 'stopped') return { ...patch, error: stopError };
  return { ...patch, error: stopError, attempts: [...(attempts ?? []).slice(0, -1), { ...newest, error: stopError }] };
}
