import type { FaultReport } from './fault.ts';
import type { Outcome } from './outcome.ts';
import type { StepProgress } from './step.ts';
import type { TaskState } from './task-state.ts';

/** Source of the commits and images of a retry from the start: the previous attempt, or a new lookup. */
export const retryVersions = ['locked', 'refreshed'] as const;
export type RetryVersions = (typeof retryVersions)[number];

/** Number of retries of a test, by the reason of the failure. */
export interface RetryLimits {
  /** A step failed or exceeded its timeout. */
  test: number;
  infrastructure: number;
}

/** The limits, and the number of retries used since the task was last started by a user or trigger. */
export type RetryBudgets = Record<keyof RetryLimits, { used: number; of: number }>;

/** A new run of a settled task. */
export interface TaskRetry {
  attempt: number;
  versions: RetryVersions;
  by: string;
}

/** Origin of an attempt that is not the first of its task. */
export interface AttemptOrigin {
  /** Step that it begins with, in the environment of the previous attempt; absent when it began from the start. */
  from?: string;
  /** Input of that step, instead of the flow's input. */
  input?: Record<string, unknown>;
  /** Only for a requested retry from the start. */
  versions?: RetryVersions;
  /** Requester; absent for an automatic retry. */
  by?: string;
}

/** An attempt of a task, kept when the next one begins. Times are ISO 8601 in UTC. */
export interface TaskAttempt extends AttemptOrigin {
  attempt: number;
  state: TaskState;
  outcome?: Outcome;
  error?: FaultReport;
  podName?: string;
  steps: StepProgress[];
  startedAt: string;
  endedAt?: string;
}

/** An attempt as its workflow records it; without steps when the supervisor records them. */
export type AttemptEntry = Omit<TaskAttempt, 'steps'> & { steps?: StepProgress[] };
