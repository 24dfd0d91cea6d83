import type { DeliveryStore } from '../../model/ports/deliveries.ts';

/** Queues all received deliveries that a crash kept from being queued. */
export async function repairQueue(deliveries: DeliveryStore): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await deliveries.list({ state: 'received' }, { limit: 200, cursor });
    for (const { seq: _seq, ...delivery } of page.items) await deliveries.insert(delivery);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
