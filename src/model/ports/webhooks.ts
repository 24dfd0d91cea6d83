import type { Delivery, KeptPayload } from '../delivery.ts';

export interface HookHeaders {
  id: string;
  event: string;
  signature: string;
  /** Content type of the body. */
  type: string;
}

/** Verifies a signature incrementally while the body is received. */
export interface Verifier {
  update(chunk: Uint8Array): void;
  /** Returns true when one of the secrets signed exactly the data passed to `update`; ends the check. */
  verified(): boolean;
}

/** The event of a payload. */
export type ReadEvent = Pick<Delivery, 'event' | 'repo' | 'summary' | 'hook' | 'unreadable'>;

/** Parses the webhooks of a repository host. */
export interface WebhookReader {
  /** Creates a verifier of a signature, which may be made with any of the secrets. */
  verifier(secrets: readonly string[], signature: string): Verifier;
  /** Parses a verified payload. Faults: invalid_request for invalid JSON, not_found for an unsupported content type. */
  read(payload: KeptPayload): Promise<ReadEvent>;
}
