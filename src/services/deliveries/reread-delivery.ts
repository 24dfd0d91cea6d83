import type { Delivery } from '../../model/delivery.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { WebhookReader } from '../../model/ports/webhooks.ts';
import { requireFound } from '../../model/require-found.ts';

export interface RereadPorts {
  deliveries: Pick<DeliveryStore, 'payload'>;
  webhooks: Pick<WebhookReader, 'read'>;
}

/** Reads a delivery again that was unreadable to an earlier release; returns any other delivery unchanged. */
export async function rereadDelivery({ deliveries, webhooks }: RereadPorts, delivery: Delivery): Promise<Delivery> {
  if (!delivery.unreadable) return delivery;
  const payload = requireFound(await deliveries.payload(delivery.id), `the payload of ${delivery.id}`);
  const { unreadable: _before, ...rest } = delivery;
  return { ...rest, ...(await webhooks.read(payload)) };
}
