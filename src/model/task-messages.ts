import type { RetryVersions } from './attempt.ts';

/**
 * Names of the `task` workflow's messages: the follower's report, what the entity tells a task that waits, a build's end;
 * and what people ask of one that is held, as updates.
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

/** Keeps the environment of a held task for so many milliseconds from now on, unless it is kept for longer already. */
export interface HoldRequest {
  forMs: number;
}

/** Lets a held task run again: from its failed step on, with another input if there is one, or from the start. */
export type RetryRequest =
  | { from: 'failed'; input?: Record<string, unknown>; by: string }
  | { from: 'start'; versions: RetryVersions; by: string };
