import type { FaultReport } from './fault.ts';
import type { Outcome } from './outcome.ts';
import type { StepProgress } from './step.ts';
import type { TaskState } from './task-state.ts';

/** Where the commits and images of a retry from the start come from: those of the attempt before, or looked up again. */
export const retryVersions = ['locked', 'refreshed'] as const;
export type RetryVersions = (typeof retryVersions)[number];

/** How many attempts a test gets after the first, by why the one before failed. */
export interface RetryLimits {
  /** A step failed, or was over its limit. */
  test: number;
  infrastructure: number;
}

/** The limits, and how much of them a task has used since somebody last started it. */
export type RetryBudgets = Record<keyof RetryLimits, { used: number; of: number }>;

/** A new run of a settled task. */
export interface TaskRetry {
  attempt: number;
  versions: RetryVersions;
  by: string;
}

/** Why an attempt of a task is not its first one. */
export interface AttemptOrigin {
  /** The step that it begins with, in the environment of the attempt before; absent when it began from the start. */
  from?: string;
  /** What that step gets instead of the flow's input. */
  input?: Record<string, unknown>;
  /** Of one that somebody wanted from the start. */
  versions?: RetryVersions;
  /** Who wanted it; nobody of one that the task's budgets gave. */
  by?: string;
}

/** One attempt of a task, kept when the next one begins. Times are ISO 8601 in UTC. */
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

/** An attempt as its workflow writes it down: one whose follower keeps the steps has none here. */
export type AttemptEntry = Omit<TaskAttempt, 'steps'> & { steps?: StepProgress[] };
