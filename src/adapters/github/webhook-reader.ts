import type { WebhookReader } from '../../model/ports/webhooks.ts';
import { requireFound } from '../../model/require-found.ts';
import { readEvent } from './read-event.ts';
import { contentTypes, readPayload } from './read-payload.ts';
import { createVerifier } from './verify-signature.ts';

/** Reads the webhooks of GitHub. */
export const githubWebhooks: WebhookReader = {
  verifier: createVerifier,
  async read({ name, type, body }) {
    const known = requireFound(
      contentTypes.find((one) => one === type),
      `a reader of ${type}`,
    );
    return readEvent(name, readPayload(body, known));
  },
};
