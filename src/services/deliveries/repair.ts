import type { DeliveryStore } from '../../model/ports/deliveries.ts';

/** Has all deliveries wait that were recorded, but whose place among those that wait a crash kept from being written. */
export async function repair(deliveries: DeliveryStore): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await deliveries.list({ state: 'received' }, { limit: 200, cursor });
    for (const { seq: _seq, ...delivery } of page.items) await deliveries.insert(delivery);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
