import type { Job } from '../job.ts';
import type { TriggerRequest } from '../job-messages.ts';
import type { HoldRequest, RetryRequest } from '../task-messages.ts';
import type { TaskTrigger } from '../trigger.ts';

/** What the services ask of the durable side: entities of jobs and workflows of tasks. */
export interface Orchestrator {
  /**
   * Hands an accepted task to the job's entity, whether a worker runs or not; one that was handed over before is not started
   * again. Throws `unavailable` when Temporal does not answer within 3 s: it may have been delivered all the same.
   */
  startTask(jobId: string, request: TriggerRequest): Promise<void>;
  /**
   * Hands a trigger to the job's entity, whether a worker runs or not; one with a `key` that it has seen starts nothing.
   * Throws `unavailable` when Temporal does not answer.
   */
  triggerJob(job: Job, request: { trigger: TaskTrigger; key: string; again?: boolean }): Promise<void>;
  /** The newest run of the task's workflow; undefined when Temporal does not know it, or not any more. */
  taskRun(taskId: string): Promise<{ runId: string; status: 'running' | 'terminated' | 'closed' } | undefined>;
  /** Asks the task's workflow to stop, as Temporal's own cancel does. Throws `conflict` when it has ended already. */
  stopTask(taskId: string): Promise<void>;
  /** Has the job's entity stop the job's tasks, wait until all is cleaned up, and remove the records. */
  deleteJob(jobId: string): Promise<void>;
  /** What waits in all task queues. Fails when Temporal has not answered within `timeoutMs`. */
  backlogs(timeoutMs: number): Promise<Backlog[]>;
  /** True when Temporal answers within `timeoutMs`. */
  healthy(timeoutMs: number): Promise<boolean>;
}

/**
 * What people ask of held tasks. All throw `conflict` when the task is not held, and `unavailable` when no worker answers in
 * 5 s; with a `key`, a request that is repeated gets the first one's answer.
 */
export interface TaskSteering {
  hold(taskId: string, request: HoldRequest, key?: string): Promise<{ heldUntil: string }>;
  release(taskId: string, key?: string): Promise<void>;
  retry(taskId: string, request: RetryRequest, key?: string): Promise<{ attempt: number }>;
}

/** What waits in a task queue of Temporal for a worker, about. */
export interface Backlog {
  queue: string;
  type: 'workflow' | 'activity';
  count: number;
}
