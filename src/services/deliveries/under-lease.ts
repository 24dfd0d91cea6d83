import { setInterval } from 'node:timers/promises';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';

export interface Lease {
  /** Milliseconds after which the lease of a program that died is free. */
  length: number;
  holder: string;
}

/**
 * Works while this program alone has the right to dispatch, which is renewed as long as the work goes on; undefined while
 * somebody else has it. The work asks `held` before what must not be done by two: it may be lost after a long stall.
 */
export async function underLease<T>(
  deliveries: DeliveryStore,
  { length, holder }: Lease,
  work: (held: () => Promise<boolean>) => Promise<T>,
): Promise<T | undefined> {
  const held = () => deliveries.lease(holder, length);
  if (!(await held())) return undefined;
  const ended = new AbortController();
  const renewal = renew(held, length / 3, ended.signal);
  try {
    return await work(held);
  } finally {
    ended.abort();
    // A renewal that is under way would take back what is released.
    await renewal;
    await deliveries.release(holder).catch(() => undefined); // It ends by itself.
  }
}

async function renew(held: () => Promise<boolean>, every: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(every, undefined, { signal })) {
      await held().catch(() => undefined); // The next one may succeed in time.
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
