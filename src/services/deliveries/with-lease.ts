import { setInterval } from 'node:timers/promises';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';

export interface Lease {
  /** Milliseconds until the lease expires unless it is renewed. */
  durationMs: number;
  holder: string;
}

/**
 * Runs `work` while this program holds the lease of the dispatcher, and renews the lease meanwhile; returns undefined
 * when another program holds it. The work calls `held` before every exclusive action, as a long stall may lose the
 * lease.
 */
export async function withLease<T>(
  deliveries: DeliveryStore,
  { durationMs, holder }: Lease,
  work: (held: () => Promise<boolean>) => Promise<T>,
): Promise<T | undefined> {
  const held = () => deliveries.lease(holder, durationMs);
  if (!(await held())) return undefined;
  const ended = new AbortController();
  const renewal = renew(held, durationMs / 3, ended.signal);
  try {
    return await work(held);
  } finally {
    ended.abort();
    // A running renewal would take the released lease again.
    await renewal;
    await deliveries.release(holder).catch(() => undefined); // The lease expires anyway.
  }
}

async function renew(held: () => Promise<boolean>, intervalMs: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(intervalMs, undefined, { signal })) {
      await held().catch(() => undefined); // The next one may succeed in time.
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
