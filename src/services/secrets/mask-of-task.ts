import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import { createMask, type Mask } from '../../model/mask.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { Task } from '../../model/task.ts';
import { findSecrets } from '../flows/find-secrets.ts';
import { readSecrets } from './read-secrets.ts';

interface MaskPorts {
  log: Logger;
  settings: { secretStore: string; hidden?: readonly string[] };
}

/** The same as `maskOf` for a task that is known by its id. */
export async function maskOfTask(ports: MaskPorts & { tasks: TaskStore }, taskId: string): Promise<Mask> {
  return maskOf(ports, await ports.tasks.get(taskId));
}

/**
 * Hides the secrets that a task's steps refer to, and what the settings name. One that was removed since the task began is
 * logged, and not hidden. Of a task that is gone nothing is known but the settings.
 */
export async function maskOf({ log, settings }: MaskPorts, task: Task | undefined): Promise<Mask> {
  const values = [...(settings.hidden ?? [])];
  const { id, pipeline = [], attempts = [] } = task ?? {};
  const edited = attempts.flatMap(({ input }) => (input ? [{ input }] : []));
  for (const name of findSecrets([...pipeline, ...edited])) {
    try {
      values.push(...Object.values(await readSecrets(settings.secretStore, [name])));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warn({ task: id, secret: name, why: error.message }, 'a secret cannot be masked in the logs of a task');
    }
  }
  return createMask(values);
}
