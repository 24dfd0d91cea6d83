import type { Logger } from 'pino';
import { findSecrets } from '../flows/find-secrets.ts';
import { Fault } from '../model/fault.ts';
import { createMask, type Mask } from '../model/mask.ts';
import type { TaskStore } from '../model/ports.ts';
import { readSecrets } from './read-secrets.ts';

/** Hides the secrets that a task's steps refer to, and what the settings name. One that was removed since the task began is logged, and not hidden. */
export async function maskOfTask(
  {
    tasks,
    log,
    settings,
  }: { tasks: TaskStore; log: Logger; settings: { secretStore: string; hidden?: readonly string[] } },
  taskId: string,
): Promise<Mask> {
  const task = await tasks.get(taskId);
  const values = [...(settings.hidden ?? [])];
  const { pipeline = [], attempts = [] } = task ?? {};
  const edited = attempts.flatMap(({ input }) => (input ? [{ input }] : []));
  for (const name of findSecrets([...pipeline, ...edited])) {
    try {
      values.push(...Object.values(await readSecrets(settings.secretStore, [name])));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warn({ task: taskId, secret: name, why: error.message }, 'a secret cannot be masked in the logs of a task');
    }
  }
  return createMask(values);
}
