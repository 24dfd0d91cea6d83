import type { RunJob } from './job.ts';
import type { TaskTrigger } from './task.ts';

/** Names of the `job` entity's messages, for who sends them and who handles them. */
export const jobMessages = { run: 'run', forget: 'forget' } as const;

/** Argument of the entity's update `run`. */
export interface RunRequest {
  testFlowId: string;
  /** The highest number on record; the entity never numbers below it. */
  lastNumber: number;
  trigger: TaskTrigger;
  requestedAt: string;
  run: RunJob;
  /** A request with the same key gets the answer of the first. */
  key?: string;
}

/** Answer to a run by hand: the task that it became. */
export interface Accepted {
  taskId: string;
  workflowId: string;
}
