import type { Logger } from 'pino';
import { readEvent } from '../github/read-event.ts';
import type { HookHeaders } from '../github/read-headers.ts';
import { readPayload } from '../github/read-payload.ts';
import { verify } from '../github/verify.ts';
import type { Delivery } from '../model/delivery.ts';
import { Fault } from '../model/fault.ts';
import type { DeliveryStore } from '../model/ports.ts';

export interface ReceivePorts {
  deliveries: DeliveryStore;
  dispatcher: { wake(): void };
  /** Any of them may have made the signature. */
  secrets: readonly string[];
  log: Logger;
}

/**
 * Verifies a delivery, records it and wakes the dispatcher; one that is on record already changes nothing. What is refused
 * leaves no record. Faults: unauthenticated, invalid_request of a payload that is no JSON, unavailable.
 */
export async function receive(
  { deliveries, dispatcher, secrets, log }: ReceivePorts,
  { id, event, signature, type }: HookHeaders,
  body: string,
): Promise<Pick<Delivery, 'id' | 'state'>> {
  if (!(await verify(secrets, body, signature))) {
    throw new Fault('unauthenticated', 'the signature is not that of a secret in GITHUB_WEBHOOK_SECRET', {
      hint: 'see that the hook on GitHub has the same secret',
    });
  }
  const read = readEvent(event, readPayload(body, type));
  // What no rule looks at is done with once it is on record.
  const state = read.hook ? 'received' : 'dispatched';
  const isNew = await deliveries.insert({ id, ...read, state, failures: 0, matches: [], receivedAt: new Date() });
  log.info({ delivery: id, event: read.event, repo: read.repo, isNew }, isNew ? 'webhook' : 'webhook, once more');
  dispatcher.wake();
  return { id, state: isNew ? state : ((await deliveries.get(id))?.state ?? state) };
}
