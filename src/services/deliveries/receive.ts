import type { Logger } from 'pino';
import type { Delivery, DeliveryState } from '../../model/delivery.ts';
import { Fault } from '../../model/fault.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { HookHeaders, WebhookReader } from '../../model/ports/webhooks.ts';

export interface ReceivePorts {
  deliveries: DeliveryStore;
  webhooks: WebhookReader;
  dispatcher: { wake(): void };
  /** Any of them may have made the signature. */
  secrets: readonly string[];
  log: Logger;
}

/** Reads a whole body, and shows each part of it as it comes. */
export type ReadBody = (see: (chunk: Uint8Array) => void) => Promise<Uint8Array>;

/**
 * Verifies a delivery, records it and wakes the dispatcher; a delivery that is on record already changes nothing. A
 * payload that lacks what matching needs is kept whole, and its delivery parked. What is refused leaves no record. Faults:
 * unauthenticated, invalid_request of a payload that is no JSON, unavailable, and those of `read`.
 */
export async function receive(
  { deliveries, webhooks, dispatcher, secrets, log }: ReceivePorts,
  { id, event: name, signature, type }: HookHeaders,
  read: ReadBody,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  const verifier = webhooks.verifier(secrets, signature);
  const body = await read(verifier.update);
  if (!verifier.verified()) {
    throw new Fault('unauthenticated', 'the signature is not that of a secret in GITHUB_WEBHOOK_SECRET', {
      hint: 'see that the hook on GitHub has the same secret',
    });
  }
  const payload = { name, type, body };
  const event = await webhooks.read(payload);
  const state = stateOf(event);
  if (event.unreadable && !(await deliveries.get(id))) await deliveries.keepPayload(id, payload);
  const error = event.unreadable && { error: event.summary };
  const delivery = { id, ...event, state, ...error, failures: 0, matches: [], receivedAt: new Date() };
  const isNew = await deliveries.insert(delivery);
  const fields = { delivery: id, event: event.event, repo: event.repo, isNew };
  if (event.unreadable) log.warn({ ...fields, reason: event.summary }, 'webhook parked');
  else log.info(fields, isNew ? 'webhook' : 'webhook, once more');
  dispatcher.wake();
  return { id, state: isNew ? state : ((await deliveries.get(id))?.state ?? state) };
}

function stateOf({ hook, unreadable }: Pick<Delivery, 'hook' | 'unreadable'>): DeliveryState {
  if (unreadable) return 'parked';
  // An event that no rule looks at is done with once it is on record.
  return hook ? 'received' : 'dispatched';
}
