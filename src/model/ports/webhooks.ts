import type { Delivery, KeptPayload } from '../delivery.ts';

export interface HookHeaders {
  id: string;
  event: string;
  signature: string;
  /** Content type of the body. */
  type: string;
}

/** Checks a signature while the body comes in. */
export interface Verifier {
  update(chunk: Uint8Array): void;
  /** True when one of the secrets made the signature over exactly what was passed to `update`; ends the check. */
  verified(): boolean;
}

/** What a payload says, by itself. */
export type ReadEvent = Pick<Delivery, 'event' | 'repo' | 'summary' | 'hook' | 'unreadable'>;

/** How the webhooks of a host of repositories are read. */
export interface WebhookReader {
  /** Checks a signature, which any of the secrets may have made, while the body comes in. */
  verifier(secrets: readonly string[], signature: string): Verifier;
  /** What a verified payload says. Faults: invalid_request of one that is no JSON, not_found of a content type that nobody reads. */
  read(payload: KeptPayload): Promise<ReadEvent>;
}
