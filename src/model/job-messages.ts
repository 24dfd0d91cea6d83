import type { TaskRetry } from './attempt.ts';
import type { Policy, RunJob } from './job.ts';
import type { TaskTrigger } from './trigger.ts';

/** Names of the `job` entity's messages, for who sends them and who handles them. */
export const jobMessages = {
  run: 'run',
  trigger: 'trigger',
  delete: 'delete',
  /** Of a task: its environment is held, or its test runs again in it. */
  held: 'held',
  resumed: 'resumed',
} as const;

/** Asks the entity for a task: the argument of its update `run` and of its signal `trigger`. */
export interface TriggerRequest {
  testFlowId: string;
  /** The highest number on record; the entity never numbers below it. */
  lastNumber: number;
  policy: Policy;
  trigger: TaskTrigger;
  requestedAt: string;
  run: RunJob;
  /** A request with a key that was seen before starts nothing: its answer is the first one's. */
  key?: string;
  /** Not a new task, but a settled one of the job again. */
  retry?: TaskRetry & { number: number };
  /** The task is on record already, under its number, and waits for its workflow to claim this start of it. */
  accepted?: { startId: string; number: number };
  /** Somebody wants it again: a tag that was seen before counts as new. */
  again?: boolean;
}

/** Answer to a run by hand: the task that it became. */
export interface Accepted {
  taskId: string;
  workflowId: string;
}
