import type { FaultReport } from './fault.ts';

/** `skipped`: the step did not run because an earlier one failed; set with the verdict. */
export const stepStates = ['pending', 'running', 'success', 'error', 'canceled', 'skipped'] as const;

export type StepState = (typeof stepStates)[number];

/** The progress of a step, read from the runner's markers. Times are ISO 8601 in UTC. */
export interface StepProgress {
  instance: string;
  state: StepState;
  /** Number of tries so far, including the running one; only for a step with `retry`. */
  tries?: number;
  startedAt?: string;
  finishedAt?: string;
  error?: FaultReport;
}
