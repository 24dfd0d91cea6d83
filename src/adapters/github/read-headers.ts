import { z } from 'zod';
import { Fault } from '../../model/fault.ts';
import type { HookHeaders } from '../../model/ports/webhooks.ts';
import { contentTypes } from './read-payload.ts';
import { isSignature } from './verify-signature.ts';

export const idHeader = 'x-github-delivery';
export const eventHeader = 'x-github-event';
export const signatureHeader = 'x-hub-signature-256';

/** GitHub sends a GUID; `~` is reserved for replays, and the id must be safe in URLs. */
const idSchema = z.string().regex(/^[A-Za-z0-9-]{1,100}$/);
const eventSchema = z.string().regex(/^[a-z0-9_]{1,50}$/);

/**
 * Reads the headers of a delivery. Faults: invalid_request, unauthenticated for a missing or malformed signature,
 * unsupported_media_type.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
 */
export function readHeaders(header: (name: string) => string | undefined): HookHeaders {
  const id = required(idHeader, header(idHeader), idSchema);
  const event = required(eventHeader, header(eventHeader), eventSchema);
  const signature = header(signatureHeader);
  if (!signature) {
    throw new Fault('unauthenticated', `the header ${signatureHeader} is missing`, {
      where: { path: signatureHeader },
      hint: 'set the secret of the webhook on GitHub to the value of GITHUB_WEBHOOK_SECRET',
    });
  }
  if (!isSignature(signature)) {
    throw new Fault('unauthenticated', `the header ${signatureHeader} must be sha256= and 64 hexadecimal digits`, {
      where: { path: signatureHeader },
    });
  }
  const given = header('content-type')?.split(';')[0]?.trim().toLowerCase();
  const type = contentTypes.find((known) => known === given);
  if (!type) {
    throw new Fault('unsupported_media_type', `the content type of a delivery must be ${contentTypes.join(' or ')}`, {
      where: { path: 'content-type' },
    });
  }
  return { id, event, signature, type };
}

function required(name: string, value: string | undefined, schema: z.ZodType<string>): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = value === undefined ? `the header ${name} is missing` : `the header ${name} is invalid`;
  throw new Fault('invalid_request', message, { where: { path: name } });
}
