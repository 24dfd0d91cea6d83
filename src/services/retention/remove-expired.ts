import { newId } from '../../model/new-id.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { Lease } from '../../model/ports/lease.ts';
import { removeExpiredBuildLogs, removeExpiredBuilds } from '../builds/remove-expired.ts';
import { removeExpiredDeliveries } from '../deliveries/remove-expired.ts';
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

export type RemoveExpiredPorts = TaskPorts & { deliveries: DeliveryStore; retentionLease: Lease };

const day = 24 * 3600 * 1000;

/** How long after a look there is another one, in milliseconds: an embedded server looks through all records for it. */
const pause = 10 * 60_000;

/**
 * Removes what is older than it is to be kept, some of it at a time: records, then the logs of younger ones, each in an
 * order in which one that was interrupted goes on. Never what belongs to a task that has not ended or has debts. Asked
 * every minute, it looks every ten while little is too old; several workers that are asked at once do it once.
 */
export async function removeExpired(
  ports: RemoveExpiredPorts,
  retention: Retention,
  signal: AbortSignal,
  now = Date.now(),
): Promise<void> {
  const holder = newId();
  if (!(await ports.retentionLease.lease(holder, pause))) return;
  let more = true;
  try {
    more = await removeSome(ports, retention, signal, now);
  } finally {
    if (more) await ports.retentionLease.release(holder);
  }
}

/** True when there may be more. */
async function removeSome(
  ports: RemoveExpiredPorts,
  { logDays, taskDays }: Retention,
  signal: AbortSignal,
  now: number,
): Promise<boolean> {
  let more = false;
  if (taskDays > 0) {
    const before = new Date(now - taskDays * day);
    more = await removeExpiredTasks(ports, before, signal);
    await removeExpiredBuilds(ports, before, signal);
    await removeExpiredDeliveries(ports, before, signal);
  }
  if (logDays > 0) {
    const before = new Date(now - logDays * day);
    more = (await removeExpiredLogs(ports, before, signal)) || more;
    await removeExpiredBuildLogs(ports, before, signal);
  }
  return more;
}
