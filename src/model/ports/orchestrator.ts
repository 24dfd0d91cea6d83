import type { Job } from '../job.ts';
import type { TriggerRequest } from '../job-messages.ts';
import type { HoldRequest, RetryRequest } from '../task-messages.ts';
import type { TaskTrigger } from '../trigger.ts';

/** Durable orchestration: entities of jobs and workflows of tasks. */
export interface Orchestrator {
  /**
   * Sends an accepted task to the job's entity, even when no worker runs; a repeated call does not start it again. Throws
   * `unavailable` when Temporal does not answer within 3 s: the task may have been delivered nevertheless.
   */
  startTask(jobId: string, request: TriggerRequest): Promise<void>;
  /**
   * Sends a trigger to the job's entity, even when no worker runs; a repeated `key` starts nothing.
   * Throws `unavailable` when Temporal does not answer.
   */
  triggerJob(job: Job, request: { trigger: TaskTrigger; key: string; again?: boolean }): Promise<void>;
  /** Returns the newest run of the task's workflow; undefined when Temporal does not know it, or no longer does. */
  taskRun(taskId: string): Promise<{ runId: string; status: 'running' | 'terminated' | 'closed' } | undefined>;
  /** Cancels the task's workflow, as Temporal's own cancel does. Throws `conflict` when it has already ended. */
  stopTask(taskId: string): Promise<void>;
  /** Requests deletion from the job's entity: it stops the tasks, waits for their cleanup, and deletes the records. */
  deleteJob(jobId: string): Promise<void>;
  /** Returns the backlogs of all task queues. Throws when Temporal does not answer within `timeoutMs`. */
  backlogs(timeoutMs: number): Promise<Backlog[]>;
  /** Returns true when Temporal answers within `timeoutMs`. */
  healthy(timeoutMs: number): Promise<boolean>;
}

/**
 * Requests of users for held tasks. All throw `conflict` when the task is not held, and `unavailable` when no worker answers
 * within 5 s; a repeated `key` gets the first answer.
 */
export interface TaskSteering {
  hold(taskId: string, request: HoldRequest, key?: string): Promise<{ heldUntil: string }>;
  release(taskId: string, key?: string): Promise<void>;
  retry(taskId: string, request: RetryRequest, key?: string): Promise<{ attempt: number }>;
}

/** Approximate number of tasks that wait for a worker in a task queue of Temporal. */
export interface Backlog {
  queue: string;
  type: 'workflow' | 'activity';
  count: number;
}
