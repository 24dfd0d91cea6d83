import type { StepProgress } from '../step.ts';

/** The record of a step, written by the supervisor of its attempt. Times are ISO 8601 in UTC. */
export interface StepRecord extends StepProgress {
  /** Order in which the steps began or were skipped, from 0; absent before. */
  begun?: number;
  /** Order in which the steps finished (not canceled), from 0. */
  over?: number;
}

/** Returns a step without its order in the log of its attempt. */
export function progressOf({ begun: _begun, over: _over, ...step }: StepRecord): StepProgress {
  return step;
}

/** A writer of the steps of an attempt: the epoch of its workflow's run, and the try of the activity. */
export interface StepWriter {
  runId: string;
  epoch: number;
  /** Number of the activity's try, from 1. */
  try: number;
}

/** Writer of the steps of an ended run, later than all writers during the run. */
export const lastWriter = { epoch: 4_000_000_000, try: 1 } as const;

/** The right to write the steps of an attempt, until a later writer gets it. */
export interface StepGrant {
  taskId: string;
  attempt: number;
  generation: number;
}

/** Store of the steps of attempts, with one record per step, so that a change writes only the changed steps. */
export interface StepStore {
  /**
   * Grants a writer the right to write the steps of an attempt. Returns undefined when a later epoch or try of its run has it,
   * or another run has it and `takeOver` is not set. Invalidates the steps written by another run.
   */
  grant(
    taskId: string,
    attempt: number,
    writer: StepWriter,
    options?: { takeOver?: boolean },
  ): Promise<StepGrant | undefined>;
  /** Writes some steps. Returns false when one of them was written under a later grant, which ends this one. */
  write(grant: StepGrant, steps: readonly StepRecord[]): Promise<boolean>;
  /** Returns the recorded steps of an attempt in order of arrival, and the run that wrote them; undefined if none. */
  read(taskId: string, attempt: number): Promise<{ runId: string; steps: StepRecord[] } | undefined>;
  /** Deletes the steps of attempts 1 … `attempts` of a task. */
  delete(taskId: string, attempts: number): Promise<void>;
}
