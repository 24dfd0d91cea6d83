import type { Counts } from '../counts.ts';

/** How many records there are, for metrics. */
export interface CountStore {
  /** Fails when MongoDB has not answered all of it within `timeoutMs`. */
  counts(timeoutMs: number): Promise<Counts>;
}
