import type { AttemptEntry } from '../attempt.ts';
import type { StepProgress } from '../step.ts';
import type { Task } from '../task.ts';
import type { AcceptedTasks } from './accepted-tasks.ts';
import type { Page, PageRequest } from './page.ts';
import type { WaitStore } from './waits.ts';
import type { Writer } from './writer.ts';

/** Temporary fields of a task. */
type PassingField = 'reason' | 'outcome' | 'error' | 'heldUntil' | 'stop' | 'podName';

/** A patch of a task; null removes a field. */
export type TaskPatch = Partial<Omit<Task, 'id' | 'runId' | 'times' | 'attempts' | PassingField>> & {
  attempts?: AttemptEntry[];
  times?: { [T in keyof Task['times']]?: Task['times'][T] | null };
} & { [F in PassingField]?: Task[F] | null };

export type TaskSummary = Omit<Task, 'pipeline' | 'attempts' | 'steps'>;

interface TaskFilter {
  jobId?: string;
  testFlowId?: string;
  state?: Task['state'];
  /** Earliest time of request. */
  since?: Date;
}

export interface TaskStore extends ExpiringTasks, AcceptedTasks, WaitStore {
  /**
   * Records a new task, or returns the existing record of its id. Salts the testId again until it is unique
   * (`salt` returns the n-th candidate).
   */
  open(task: Task, salt: (n: number) => string): Promise<Task>;
  /**
   * Writes fields of the projection. Returns false when nothing was written: an equal or later epoch of the same run was
   * recorded, or another run holds the record and `takeOver` is not set.
   */
  project(id: string, writer: Writer, patch: TaskPatch, options?: { takeOver?: boolean }): Promise<boolean>;
  /** Returns a task with the steps of all attempts, which have records of their own. */
  get(id: string): Promise<Task | undefined>;
  /** Returns a task without steps, pipeline and attempts; the cost does not depend on the number of steps. */
  summary(id: string): Promise<TaskSummary | undefined>;
  /** Returns the steps written by a workflow of an earlier release, which keeps them itself; empty for other workflows. */
  reportedSteps(id: string): Promise<StepProgress[]>;
  /** Newest first, without their pipelines, attempts and steps. */
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskSummary>>;
  /** Lists all unsettled tasks, of a job or of all jobs. */
  unsettled(jobId?: string): Promise<TaskSummary[]>;
  /** Lists settled tasks with undeleted objects. */
  withUndeletedObjects(): Promise<TaskSummary[]>;
  /** Returns the testIds that belong to a recorded task. */
  knownTestIds(testIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Lists settled tasks with one of these testIds. */
  settledWith(testIds: readonly string[]): Promise<TaskSummary[]>;
  /** Records the undeleted objects of a settled task; ignores a task that runs again. */
  setUndeletedObjects(id: string, debts: Task['debts']): Promise<void>;
  /** Stores the requester and reason of a stop; keeps the first one. */
  recordStop(id: string, stop: NonNullable<Task['stop']>): Promise<void>;
  delete(id: string): Promise<boolean>;
}

// Queries for retention, the janitor and the metrics.

/** The part of the task store for retention. */
export interface ExpiringTasks {
  /** Returns the ids of at most `limit` tasks that ended before a time and have no undeleted objects. */
  expired(before: Date, limit: number): Promise<string[]>;
  /** Like `expired`, for tasks that still have logs; interrupted deletions first. */
  expiredLogs(before: Date, limit: number): Promise<string[]>;
  /** Marks the logs as deleted. Returns false and changes nothing for a task that runs or has undeleted objects. */
  beginLogRemoval(id: string, at: Date): Promise<boolean>;
  /** Marks the deletion of the logs as complete. */
  endLogRemoval(id: string): Promise<void>;
  /** Returns the recorded ones of these ids. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Returns the recorded ones of these ids that still have logs. */
  withLogs(ids: readonly string[]): Promise<string[]>;
}
