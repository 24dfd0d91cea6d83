import type { Delivery } from '../model/delivery.ts';
import { Fault } from '../model/fault.ts';
import { found } from '../model/found.ts';
import type { DeliveryStore } from '../model/ports.ts';

/**
 * Has a delivery dispatched again, on purpose: a delivery of its own, `<id>~<n>`, that starts what it matches now. A replay
 * of a replay repeats the first one. Faults: not_found, conflict when it is none of the events that rules look at.
 */
export async function replay(
  { deliveries, dispatcher }: { deliveries: DeliveryStore; dispatcher: { wake(): void } },
  id: string,
  by: string,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  const { event, repo, summary, hook, replayOf = id } = found(await deliveries.get(id), `delivery ${id}`);
  if (!hook) throw new Fault('conflict', `delivery ${id} can start nothing: ${summary}`);
  const copy = { event, repo, summary, hook, replayOf, by, state: 'received' as const, failures: 0, matches: [] };
  for (let n = 1; ; n += 1) {
    const replayed = { id: `${replayOf}~${n}`, ...copy, receivedAt: new Date() };
    if (!(await deliveries.insert(replayed))) continue;
    dispatcher.wake();
    return { id: replayed.id, state: copy.state };
  }
}
