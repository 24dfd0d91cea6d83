import type { AttemptEntry } from '../attempt.ts';
import type { StepProgress } from '../step.ts';
import type { Task } from '../task.ts';
import type { AcceptedTasks } from './accepted-tasks.ts';
import type { Page, PageRequest } from './page.ts';
import type { WaitStore } from './waits.ts';
import type { Writer } from './writer.ts';

/** Fields that a task has for a time. */
type PassingField = 'reason' | 'outcome' | 'error' | 'heldUntil' | 'stop' | 'podName';

/** null removes what it stands for. */
export type TaskPatch = Partial<Omit<Task, 'id' | 'runId' | 'times' | 'attempts' | PassingField>> & {
  attempts?: AttemptEntry[];
  times?: { [T in keyof Task['times']]?: Task['times'][T] | null };
} & { [F in PassingField]?: Task[F] | null };

export type TaskSummary = Omit<Task, 'pipeline' | 'attempts' | 'steps'>;

interface TaskFilter {
  jobId?: string;
  testFlowId?: string;
  state?: Task['state'];
  /** Requested then or later. */
  since?: Date;
}

export interface TaskStore extends ExpiringTasks, AcceptedTasks, WaitStore {
  /**
   * Records a new task, or returns what is recorded under its id. Salts the testId again until it is unique
   * (`salt` gives the n-th candidate).
   */
  open(task: Task, salt: (n: number) => string): Promise<Task>;
  /**
   * Writes fields of the projection. False when nothing was written: an equal or later epoch of the same run was there,
   * or another run holds the record and `takeOver` is not set.
   */
  project(id: string, writer: Writer, patch: TaskPatch, options?: { takeOver?: boolean }): Promise<boolean>;
  /** With the steps of all attempts, which have records of their own. */
  get(id: string): Promise<Task | undefined>;
  /** Without steps, pipeline and attempts: as cheap for a task of thousands of steps as for one of two. */
  summary(id: string): Promise<TaskSummary | undefined>;
  /** What a workflow of an earlier release, which keeps the steps itself, has written of them; none of any other. */
  reportedSteps(id: string): Promise<StepProgress[]>;
  /** Newest first, without their pipelines, attempts and steps. */
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskSummary>>;
  /** All tasks that are not settled, of a job or of all. */
  unsettled(jobId?: string): Promise<TaskSummary[]>;
  /** Settled tasks that have debts. */
  indebted(): Promise<TaskSummary[]>;
  /** Those of the testIds that a task on record has. */
  knownTestIds(testIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Settled tasks that have one of these testIds. */
  settledWith(testIds: readonly string[]): Promise<TaskSummary[]>;
  /** Writes what a settled task still owes; one that runs again is left alone. */
  setDebts(id: string, debts: Task['debts']): Promise<void>;
  /** Stores who wants the task stopped, and why; the first one stays. */
  recordStop(id: string, stop: NonNullable<Task['stop']>): Promise<void>;
  delete(id: string): Promise<boolean>;
}

// What retention, the janitor and the metrics ask of the stores and of Temporal.

/** Of the store of tasks, what retention asks. */
export interface ExpiringTasks {
  /** Ids of at most `limit` tasks that ended before, without debts. */
  expired(before: Date, limit: number): Promise<string[]>;
  /** As `expired`, of tasks whose logs are there; first those whose removal was interrupted. */
  expiredLogs(before: Date, limit: number): Promise<string[]>;
  /** From now on the record says that the logs are removed; false, and nothing said, of one that runs or has debts. */
  beginLogRemoval(id: string, at: Date): Promise<boolean>;
  /** All of the logs is removed. */
  endLogRemoval(id: string): Promise<void>;
  /** Those that are on record. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those that are on record with logs that were not removed. */
  withLogs(ids: readonly string[]): Promise<string[]>;
}
