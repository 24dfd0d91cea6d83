import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Verifier } from '../../model/ports/webhooks.ts';

const signature256 = /^sha256=([0-9a-f]{64})$/;

/** Tells whether a text has the form of a signature: `sha256=` and 64 hexadecimal digits. */
export function isSignature(text: string): boolean {
  return signature256.test(text);
}

/**
 * Verifies X-Hub-Signature-256, an HMAC with SHA-256 over the bytes of the body, compared in constant time.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function createVerifier(secrets: readonly string[], signature: string): Verifier {
  const given = Buffer.from(signature256.exec(signature)?.[1] ?? '', 'hex');
  const hashes = secrets.map((secret) => createHmac('sha256', secret));
  let isEmpty = true;
  return {
    update(chunk) {
      isEmpty &&= chunk.length === 0;
      for (const hash of hashes) hash.update(chunk);
    },
    verified() {
      // All hashes are compared, so that the time does not reveal the secret that matched.
      const matches = hashes.filter((hash) => {
        const expected = hash.digest();
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      return !isEmpty && matches.length > 0;
    },
  };
}
