import type { Counts } from '../counts.ts';

/** Counts records, for metrics. */
export interface CountStore {
  /** Throws when MongoDB does not answer within `timeoutMs`. */
  counts(timeoutMs: number): Promise<Counts>;
}
