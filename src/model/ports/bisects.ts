import type { Bisect, BisectInput } from '../bisect.ts';
import type { Page, PageRequest } from './page.ts';

export interface BisectStore {
  /** Writes the state of a search; `step` is the sequence number of the write, and an older one changes nothing. */
  put(bisect: Bisect, step: number): Promise<void>;
  get(id: string): Promise<Bisect | undefined>;
  /** Newest first. */
  list(filter: { jobId?: string }, page: PageRequest): Promise<Page<Bisect>>;
  running(): Promise<Bisect[]>;
  deleteOf(jobId: string): Promise<void>;
}

/** Workflows of searches in Temporal; all throw `unavailable` when it does not answer. */
export interface BisectWorkflows {
  /** Starts a search; does nothing when its id was started before. */
  start(input: BisectInput): Promise<void>;
  /** Throws `conflict` when it has already ended, `not_found` when it does not exist. */
  stop(bisectId: string): Promise<void>;
  isRunning(bisectId: string): Promise<boolean>;
}
