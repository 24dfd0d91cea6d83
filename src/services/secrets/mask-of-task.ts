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

/** As `maskOf`, for the id of a task. */
export async function maskOfTask(ports: MaskPorts & { tasks: TaskStore }, taskId: string): Promise<Mask> {
  return maskOf(ports, await ports.tasks.get(taskId));
}

/**
 * Creates a mask for the secrets that the steps of a task refer to and the hidden values of the settings. Logs a
 * warning for a secret that was removed since the task began. For a deleted task, only masks the values of the
 * settings.
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
      log.warn({ taskId: id, secret: name, reason: error.message }, 'cannot mask a secret in the logs of a task');
    }
  }
  return createMask(values);
}
