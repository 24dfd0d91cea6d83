import type { Bisect, BisectInput } from '../bisect.ts';
import type { Page, PageRequest } from './page.ts';

export interface BisectStore {
  /** Writes what its workflow knows; `step` counts its writings, and an older one changes nothing. */
  put(bisect: Bisect, step: number): Promise<void>;
  get(id: string): Promise<Bisect | undefined>;
  /** Newest first. */
  list(filter: { jobId?: string }, page: PageRequest): Promise<Page<Bisect>>;
  running(): Promise<Bisect[]>;
  deleteOf(jobId: string): Promise<void>;
}

/** Workflows of searches in Temporal; all throw `unavailable` when it does not answer. */
export interface BisectWorkflows {
  /** One whose id was started before is left as it is. */
  start(input: BisectInput): Promise<void>;
  /** Throws `conflict` when it has ended already, `not_found` when there is none. */
  stop(bisectId: string): Promise<void>;
  isRunning(bisectId: string): Promise<boolean>;
}
