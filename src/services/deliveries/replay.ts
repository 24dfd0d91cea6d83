import type { Delivery } from '../../model/delivery.ts';
import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { type ReadAgainPorts, readAgain } from './read-again.ts';

export interface ReplayPorts extends ReadAgainPorts {
  deliveries: DeliveryStore;
  dispatcher: { wake(): void };
}

/**
 * Has a delivery dispatched again, on purpose: a delivery of its own, `<id>~<n>`, that starts what it matches now. A replay
 * of a replay repeats the first one; a delivery that could not be read is read by this version. Faults: not_found, conflict
 * when it is none of the events that rules look at, or still cannot be read.
 */
export async function replay(
  { deliveries, webhooks, dispatcher }: ReplayPorts,
  id: string,
  by: string,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  const delivery = await readAgain({ deliveries, webhooks }, found(await deliveries.get(id), `delivery ${id}`));
  const { event, repo, summary, hook, replayOf = id } = delivery;
  if (!hook) throw new Fault('conflict', `delivery ${id} can start nothing: ${summary}`);
  const copy = { event, repo, summary, hook, replayOf, by, state: 'received' as const, failures: 0, matches: [] };
  for (let n = 1; ; n += 1) {
    const replayed = { id: `${replayOf}~${n}`, ...copy, receivedAt: new Date() };
    if (!(await deliveries.insert(replayed))) continue;
    dispatcher.wake();
    return { id: replayed.id, state: copy.state };
  }
}
