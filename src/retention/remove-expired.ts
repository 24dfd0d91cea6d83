import { removeExpiredBuildLogs, removeExpiredBuilds } from '../builds/remove-expired.ts';
import { removeExpiredDeliveries } from '../deliveries/remove-expired.ts';
import type { DeliveryStore } from '../model/ports.ts';
import {
  removeExpiredLogs,
  removeExpiredTasks,
  type RemoveExpiredPorts as TaskPorts,
} from '../tasks/remove-expired.ts';

/** Days after the end of a task, or after the receipt of a webhook; 0 keeps for ever. */
export interface Retention {
  logDays: number;
  taskDays: number;
}

export type RemoveExpiredPorts = TaskPorts & { deliveries: DeliveryStore };

const day = 24 * 3600 * 1000;

/**
 * Removes what is older than it is to be kept, some of it at a time: records, then the logs of younger ones, each in an
 * order in which one that was interrupted goes on. Never what belongs to a task that has not ended or has debts.
 */
export async function removeExpired(
  ports: RemoveExpiredPorts,
  { logDays, taskDays }: Retention,
  signal: AbortSignal,
  now = Date.now(),
): Promise<void> {
  if (taskDays > 0) {
    const before = new Date(now - taskDays * day);
    await removeExpiredTasks(ports, before, signal);
    await removeExpiredBuilds(ports, before, signal);
    await removeExpiredDeliveries(ports, before, signal);
  }
  if (logDays > 0) {
    const before = new Date(now - logDays * day);
    await removeExpiredLogs(ports, before, signal);
    await removeExpiredBuildLogs(ports, before, signal);
  }
}
