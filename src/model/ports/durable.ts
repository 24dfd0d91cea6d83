import type { BisectInput } from '../bisect.ts';
import type { BuildInput, BuildWaiter } from '../build.ts';
import type { Job } from '../job.ts';
import type { TriggerRequest } from '../job-messages.ts';
import type { HoldRequest, RetryRequest } from '../task-messages.ts';
import type { TaskTrigger } from '../trigger.ts';
import type { Backlog } from './upkeep.ts';

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

/** Workflows of builds in Temporal; both throw `unavailable` when it does not answer. */
export interface BuildWorkflows {
  /** Joins the image's build, which is started where none runs; answers with its run. */
  join(input: BuildInput, waiter: BuildWaiter): Promise<string>;
  /** The run that is under way now; undefined when none is. */
  running(buildId: string): Promise<string | undefined>;
}

/** Workflows of searches in Temporal; all throw `unavailable` when it does not answer. */
export interface BisectWorkflows {
  /** One whose id was started before is left as it is. */
  start(input: BisectInput): Promise<void>;
  /** Throws `conflict` when it has ended already, `not_found` when there is none. */
  stop(bisectId: string): Promise<void>;
  isRunning(bisectId: string): Promise<boolean>;
}

/** A cron job's schedule as Temporal has it now. */
export interface ScheduleState {
  paused: boolean;
  note?: string;
  createdAt: Date;
}

/** Schedules of cron jobs in Temporal; all throw `unavailable` when it does not answer. */
export interface Schedules {
  /**
   * Makes the schedule equal to the job; its pause stays as it is, a new one gets the job's. `refreshed` is one that was equal,
   * and is exact for a later time now. Throws `input_invalid` when Temporal does not take the job's expression or time zone.
   */
  ensure(job: Job): Promise<'created' | 'updated' | 'refreshed' | 'unchanged'>;
  /** One that does not exist is no error. */
  remove(jobId: string): Promise<void>;
  /** False when it does not exist. */
  pause(jobId: string, note: string): Promise<boolean>;
  /** False when it does not exist. */
  resume(jobId: string, note: string): Promise<boolean>;
  /** Undefined when it does not exist. */
  describe(jobId: string): Promise<ScheduleState | undefined>;
  /** Ids of the jobs that have a schedule; eventually consistent. */
  list(): Promise<string[]>;
}
