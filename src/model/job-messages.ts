import type { TaskRetry } from './attempt.ts';
import type { Policy, RunJob } from './job.ts';
import type { TaskTrigger } from './trigger.ts';

/** Names of the `job` entity's messages, for senders and handlers. */
export const jobMessages = {
  run: 'run',
  trigger: 'trigger',
  delete: 'delete',
  /** Sent by a task when its environment is held, or its test runs again in it. */
  held: 'held',
  resumed: 'resumed',
} as const;

/** Request to run a job, as the API and event rules make it. */
export interface RunRequest<T extends TaskTrigger = TaskTrigger> {
  trigger: T;
  run: RunJob;
  /** Idempotency key: a repeated request starts nothing and gets the first answer. */
  key?: string;
  /** Settled task of the job to run again, instead of a new one; `attempt` is the number of the new attempt. */
  retry?: TaskRetry & { number: number };
}

/** Request for a task: the argument of the entity's update `run` and of its signal `trigger`. */
export interface TriggerRequest extends RunRequest {
  testFlowId: string;
  /** Highest recorded number; the entity only assigns higher ones. */
  lastNumber: number;
  policy: Policy;
  requestedAt: string;
  /** Start of a task that is already recorded under its number and waits for its workflow to claim it. */
  accepted?: { startId: string; number: number };
  /** Set for a replay: a tag that was seen before counts as new. */
  again?: boolean;
}

/** Response to a manual run: the task that was started. */
export interface AcceptedRun {
  taskId: string;
  workflowId: string;
}
