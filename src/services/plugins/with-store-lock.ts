import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';

/** Duration of the lease. The work under it is a few renames and records. */
const leaseMs = 30_000;
/** Longer than the lease, so that the lease of a crashed program expires in time. */
const timeoutMs = 40_000;
const retryDelayMs = 50;

/**
 * Runs `work` while no other program changes files of the plugin store. Throws `unavailable` when another program holds
 * the lease for too long.
 */
export async function withStoreLock<T>(plugins: PluginStore, work: () => Promise<T>): Promise<T> {
  const holder = randomUUID();
  const deadline = performance.now() + timeoutMs;
  while (!(await plugins.lease(holder, leaseMs))) {
    if (performance.now() > deadline) throw new Fault('unavailable', 'another program is changing the plugin store');
    await delay(retryDelayMs);
  }
  try {
    return await work();
  } finally {
    await plugins.release(holder).catch(() => undefined); // The lease expires anyway.
  }
}
