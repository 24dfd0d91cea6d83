import { type DispatchPorts, dispatchOne } from './dispatch-one.ts';
import { type Lease, withLease } from './with-lease.ts';

/** Deliveries of one read. */
const batchSize = 50;

/**
 * Reason why a dispatch ended. `done`: the queue is empty; `held`: another dispatcher has the lease; `failed`: the
 * first waiting delivery failed; `stopped`: the signal was aborted.
 */
export type DispatchEnd = 'done' | 'held' | 'failed' | 'stopped';

/**
 * Dispatches the waiting deliveries one by one, in order of receipt, until the queue is empty. Calls `progress` after
 * each. Throws `unavailable` when Temporal or MongoDB is unreachable: the delivery and those behind it still wait then.
 */
export async function dispatch(
  ports: DispatchPorts,
  lease: Lease,
  { signal, progress }: { signal: AbortSignal; progress(): void },
): Promise<DispatchEnd> {
  const { deliveries } = ports;
  const end = await withLease(deliveries, lease, async (held): Promise<DispatchEnd> => {
    for (;;) {
      const waiting = await deliveries.waiting(batchSize);
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
