import { z } from 'zod';
import { Fault } from '../../model/fault.ts';

const payloadSchema = z.record(z.string(), z.unknown());
export type Payload = z.infer<typeof payloadSchema>;

export const contentTypes = ['application/json', 'application/x-www-form-urlencoded'] as const;
export type ContentType = (typeof contentTypes)[number];

/**
 * Reads the payload of a verified body: the body itself or the form field `payload`, by the webhook's content type. Throws
 * `invalid_request`, which quotes nothing of the payload, when it is not a JSON object.
 * https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks
 */
export function readPayload(body: Uint8Array, type: ContentType): Payload {
  // Decoded as by fetch: without a byte order mark, and with U+FFFD for invalid UTF-8.
  const decoded = new TextDecoder().decode(body);
  const text = type === 'application/json' ? decoded : new URLSearchParams(decoded).get('payload');
  if (text === null) throw refused('the form has no field payload');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The original error is dropped: its message quotes the text.
    throw refused('the payload is not JSON');
  }
  const payload = payloadSchema.safeParse(value);
  if (!payload.success) throw refused('the payload is not a JSON object');
  return payload.data;
}

function refused(message: string): Fault {
  return new Fault('invalid_request', message, { hint: 'set the content type of the webhook to application/json' });
}
