import type { Logger } from 'pino';
import type { Delivery, DeliveryState } from '../../model/delivery.ts';
import { Fault } from '../../model/fault.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { HookHeaders, WebhookReader } from '../../model/ports/webhooks.ts';

export interface ReceivePorts {
  deliveries: DeliveryStore;
  webhooks: WebhookReader;
  dispatcher: { wake(): void };
  /** Webhook secrets, any of which may have signed the body. */
  secrets: readonly string[];
  log: Logger;
}

/** Reads a whole body, and calls `onChunk` with each part of it as it arrives. */
export type ReadBody = (onChunk: (chunk: Uint8Array) => void) => Promise<Uint8Array>;

/**
 * Verifies a delivery, records it and wakes the dispatcher; ignores a duplicate. Parks a delivery that cannot be
 * matched, and keeps its payload. Records nothing of a refused one. Faults: unauthenticated, invalid_request when the
 * payload is not valid JSON, unavailable, and those of `read`.
 */
export async function receive(
  { deliveries, webhooks, dispatcher, secrets, log }: ReceivePorts,
  { id, event: name, signature, type }: HookHeaders,
  read: ReadBody,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  const verifier = webhooks.verifier(secrets, signature);
  const body = await read(verifier.update);
  if (!verifier.verified()) {
    throw new Fault('unauthenticated', 'the signature matches no secret of GITHUB_WEBHOOK_SECRET', {
      hint: 'check that the webhook on GitHub has the same secret',
    });
  }
  const payload = { name, type, body };
  const event = await webhooks.read(payload);
  const state = stateOf(event);
  if (event.unreadable && !(await deliveries.get(id))) await deliveries.keepPayload(id, payload);
  const error = event.unreadable && { error: event.summary };
  const delivery = { id, ...event, state, ...error, failures: 0, matches: [], receivedAt: new Date() };
  const isNew = await deliveries.insert(delivery);
  const fields = { deliveryId: id, event: event.event, repo: event.repo, isNew };
  if (event.unreadable) log.warn({ ...fields, reason: event.summary }, 'webhook delivery parked');
  else log.info(fields, isNew ? 'webhook delivery received' : 'duplicate webhook delivery');
  dispatcher.wake();
  return { id, state: isNew ? state : ((await deliveries.get(id))?.state ?? state) };
}

function stateOf({ hook, unreadable }: Pick<Delivery, 'hook' | 'unreadable'>): DeliveryState {
  if (unreadable) return 'parked';
  // An event that no rule handles is only recorded.
  return hook ? 'received' : 'dispatched';
}
