import type { TaskPatch, TaskStore } from '../../model/ports/tasks.ts';
import { stopMessage } from './stop-message.ts';

/**
 * What a task that ends says of its stop: who stopped it, and why, is told in its error; one that has succeeded was not
 * stopped, as after a reset in Temporal.
 */
export async function settleStop(tasks: TaskStore, taskId: string, patch: TaskPatch): Promise<TaskPatch> {
  if (patch.state === 'success') return { ...patch, stop: null };
  const { error, attempts } = patch;
  if (error?.code !== 'stopped') return patch;
  const stop = (await tasks.summary(taskId))?.stop;
  if (!stop) return patch;
  const told = { ...error, message: stopMessage(stop) };
  const newest = attempts?.at(-1);
  if (newest?.error?.code !== 'stopped') return { ...patch, error: told };
  return { ...patch, error: told, attempts: [...(attempts ?? []).slice(0, -1), { ...newest, error: told }] };
}
