import { readEvent } from '../../adapters/github/read-event.ts';
import { contentTypes, readPayload } from '../../adapters/github/read-payload.ts';
import type { Delivery } from '../../model/delivery.ts';
import { found } from '../../model/found.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';

/** A delivery that could not be read when it came, as this version reads it; any other one is returned as it is. */
export async function readAgain(deliveries: Pick<DeliveryStore, 'payload'>, delivery: Delivery): Promise<Delivery> {
  if (!delivery.unreadable) return delivery;
  const { name, type: stored, body } = found(await deliveries.payload(delivery.id), `the payload of ${delivery.id}`);
  const type = found(
    contentTypes.find((known) => known === stored),
    `a reader of ${stored}`,
  );
  const { unreadable: _before, ...rest } = delivery;
  return { ...rest, ...(await readEvent(name, readPayload(body, type))) };
}
