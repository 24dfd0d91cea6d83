import type { FaultReport } from './fault.ts';

/** `skipped` once there is a verdict and the step did not run, as one before it had failed. */
export const stepStates = ['pending', 'running', 'success', 'error', 'canceled', 'skipped'] as const;

export type StepState = (typeof stepStates)[number];

/** A step of a run as the follower reads it from the runner's markers. Times are ISO 8601 in UTC. */
export interface StepProgress {
  instance: string;
  state: StepState;
  /** How often it was tried so far, the running try counted; only of a step with `retry`. */
  tries?: number;
  startedAt?: string;
  finishedAt?: string;
  error?: FaultReport;
}
