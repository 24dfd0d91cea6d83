import type { RetryVersions } from './attempt.ts';

/**
 * Names of the `task` workflow's messages. Signals: the supervisor's report, the messages of the job entity and of builds.
 * Updates: the requests of users for a held task.
 */
export const taskMessages = {
  steps: 'steps',
  proceed: 'proceed',
  join: 'join',
  built: 'built',
  hold: 'hold',
  release: 'release',
  retry: 'retry',
} as const;

/** Extends the hold of a task to `forMs` milliseconds from now; never shortens it. */
export interface HoldRequest {
  forMs: number;
}

/** Runs a held task again: from its failed step, optionally with another input, or from the start. */
export type RetryRequest =
  | { from: 'failed'; input?: Record<string, unknown>; by: string }
  | { from: 'start'; versions: RetryVersions; by: string };
