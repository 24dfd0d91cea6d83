import { type DispatchPorts, dispatchOne } from './dispatch-one.ts';
import { type Lease, underLease } from './under-lease.ts';

/** Deliveries that are read at once. */
const batch = 50;

/** Nothing waits; somebody else dispatches what waits; the first one that waits failed; or it was told to stop. */
export type DispatchEnd = 'done' | 'held' | 'failed' | 'stopped';

/**
 * Dispatches what waits, in order of receipt, one after the other, until nothing does. `progress` is called after each.
 * Throws when Temporal or MongoDB is away: the delivery then still waits, and so do those behind it.
 */
export async function dispatch(
  ports: DispatchPorts,
  lease: Lease,
  { signal, progress }: { signal: AbortSignal; progress(): void },
): Promise<DispatchEnd> {
  const { deliveries } = ports;
  const end = await underLease(deliveries, lease, async (held): Promise<DispatchEnd> => {
    for (;;) {
      const waiting = await deliveries.waiting(batch);
      if (waiting.length === 0) return 'done';
      for (const delivery of waiting) {
        if (signal.aborted) return 'stopped';
        if (!(await held())) return 'held';
        if (!(await dispatchOne(ports, delivery))) return 'failed';
        progress();
      }
    }
  });
  return end ?? ((await deliveries.waiting(1)).length > 0 ? 'held' : 'done');
}
