import type { StepProgress } from '../step.ts';

/** A step as its attempt's follower keeps it. Times are ISO 8601 in UTC. */
export interface StepRecord extends StepProgress {
  /** Which step it was to begin, or to be skipped, counted from 0; absent until its log says so. */
  begun?: number;
  /** Which step it was to be over for good (not canceled), counted from 0. */
  over?: number;
}

/** A step without its places in the log of its attempt. */
export function progressOf({ begun: _begun, over: _over, ...step }: StepRecord): StepProgress {
  return step;
}

/** Who asks for the right to write the steps of an attempt: an epoch of its workflow's run, and the try of the activity. */
export interface StepWriter {
  runId: string;
  epoch: number;
  /** From 1 on. */
  try: number;
}

/** Who writes the steps of a run that has ended: later than all that wrote during it. */
export const lastWriter = { epoch: 4_000_000_000, try: 1 } as const;

/** The right to write the steps of an attempt, until somebody later gets it. */
export interface StepGrant {
  taskId: string;
  attempt: number;
  generation: number;
}

/** The steps of attempts, a record for each, apart from the tasks' own: a change writes what has changed. */
export interface StepStore {
  /**
   * Gives a writer the right to write the steps of an attempt. Undefined when a later epoch or try of its run has it, or
   * another run and `takeOver` is not set; what another run has written does not count from then on.
   */
  grant(
    taskId: string,
    attempt: number,
    writer: StepWriter,
    options?: { takeOver?: boolean },
  ): Promise<StepGrant | undefined>;
  /** Writes some steps. False when one of them was written under a later right: this one is over. */
  write(grant: StepGrant, steps: readonly StepRecord[]): Promise<boolean>;
  /** What is on record of an attempt, in the order in which it came, and which run wrote it; undefined of nothing. */
  read(taskId: string, attempt: number): Promise<{ runId: string; steps: StepRecord[] } | undefined>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}
