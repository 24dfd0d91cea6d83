import type { Delivery } from '../../model/delivery.ts';
import { Fault } from '../../model/fault.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { requireFound } from '../../model/require-found.ts';
import { type RereadPorts, rereadDelivery } from './reread-delivery.ts';

export interface ReplayPorts extends RereadPorts {
  deliveries: DeliveryStore;
  dispatcher: { wake(): void };
}

/**
 * Replays a delivery: records a new delivery `<id>~<n>`, which starts the jobs that match now. A replay of a replay
 * repeats the original; an unreadable delivery is read again. Faults: not_found, conflict when no rule handles the
 * event or it is still unreadable.
 */
export async function replay(
  { deliveries, webhooks, dispatcher }: ReplayPorts,
  id: string,
  by: string,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  const delivery = await rereadDelivery(
    { deliveries, webhooks },
    requireFound(await deliveries.get(id), `delivery ${id}`),
  );
  const { event, repo, summary, hook, replayOf = id } = delivery;
  if (!hook) throw new Fault('conflict', `delivery ${id} cannot be replayed: ${summary}`);
  const copy = { event, repo, summary, hook, replayOf, by, state: 'received' as const, failures: 0, matches: [] };
  for (let n = 1; ; n += 1) {
    const replayed = { id: `${replayOf}~${n}`, ...copy, receivedAt: new Date() };
    if (!(await deliveries.insert(replayed))) continue;
    dispatcher.wake();
    return { id: replayed.id, state: copy.state };
  }
}
