import type { Delivery } from '../../model/delivery.ts';
import { found } from '../../model/found.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { WebhookReader } from '../../model/ports/webhooks.ts';

export interface ReadAgainPorts {
  deliveries: Pick<DeliveryStore, 'payload'>;
  webhooks: Pick<WebhookReader, 'read'>;
}

/** A delivery that could not be read when it came, as this version reads it; any other one is returned as it is. */
export async function readAgain({ deliveries, webhooks }: ReadAgainPorts, delivery: Delivery): Promise<Delivery> {
  if (!delivery.unreadable) return delivery;
  const payload = found(await deliveries.payload(delivery.id), `the payload of ${delivery.id}`);
  const { unreadable: _before, ...rest } = delivery;
  return { ...rest, ...(await webhooks.read(payload)) };
}
