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

/** Days after the end of a task, or after the receipt of a webhook; 0 keeps forever. */
export interface Retention {
  logDays: number;
  taskDays: number;
}

export type RemoveExpiredPorts = TaskPorts & { deliveries: DeliveryStore; retentionLease: Lease };

const dayMs = 24 * 3600 * 1000;

/** Milliseconds between two checks, as an embedded server scans all records for one. */
const intervalMs = 10 * 60_000;

/**
 * Removes expired records, then expired logs of younger records, in batches; an interrupted removal is resumed. Never removes
 * data of a task that has not ended or has undeleted objects. Called every minute, it checks every ten minutes while little has
 * expired; of several workers, only one checks at a time.
 */
export async function removeExpired(
  ports: RemoveExpiredPorts,
  retention: Retention,
  signal: AbortSignal,
  now = Date.now(),
): Promise<void> {
  const holder = newId();
  if (!(await ports.retentionLease.lease(holder, intervalMs))) return;
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
    const before = new Date(now - taskDays * dayMs);
    more = await removeExpiredTasks(ports, before, signal);
    await removeExpiredBuilds(ports, before, signal);
    await removeExpiredDeliveries(ports, before, signal);
  }
  if (logDays > 0) {
    const before = new Date(now - logDays * dayMs);
    more = (await removeExpiredLogs(ports, before, signal)) || more;
    await removeExpiredBuildLogs(ports, before, signal);
  }
  return more;
}
