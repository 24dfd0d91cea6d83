import type { TestFlow } from './flow.ts';
import type { Job, RunJob } from './job.ts';
import type { Accepted } from './job-messages.ts';
import type { Plugin } from './plugin.ts';
import type { Task, TaskTrigger } from './task.ts';

/** One page of a list; `cursor` is opaque to callers and comes from the page before. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
export interface PageRequest {
  limit: number;
  cursor?: string;
}

export interface FlowStore {
  /** Throws `conflict` when another flow has the name. */
  insert(flow: TestFlow): Promise<void>;
  get(id: string): Promise<TestFlow | undefined>;
  /** Newest first, without their graphs. */
  list(page: PageRequest): Promise<Page<Omit<TestFlow, 'graph'>>>;
}

export interface JobStore {
  /** Throws `conflict` when another job has the name. */
  insert(job: Job): Promise<void>;
  get(id: string): Promise<Job | undefined>;
  list(page: PageRequest): Promise<Page<Job>>;
  delete(id: string): Promise<boolean>;
  /** Raises the job's execCount to `number`; never lowers it. */
  countRun(id: string, number: number): Promise<void>;
}

export interface PluginStore {
  /** All versions, by name and then newest version first. */
  list(): Promise<Plugin[]>;
  /** Without a version, the newest. */
  get(name: string, version?: string): Promise<Plugin | undefined>;
  /** Makes the records equal to what was found. */
  replaceAll(plugins: readonly Plugin[]): Promise<void>;
}

/** Who writes a projection: a later epoch of the same Temporal run wins, a run that is not the current one loses. */
export interface Writer {
  runId: string;
  epoch: number;
}

export type TaskPatch = Partial<Omit<Task, 'id' | 'runId' | 'times'>> & { times?: Partial<Task['times']> };

export type TaskSummary = Omit<Task, 'pipeline'>;

export interface TaskFilter {
  jobId?: string;
  state?: Task['state'];
  /** Requested then or later. */
  since?: Date;
}

export interface TaskStore {
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
  get(id: string): Promise<Task | undefined>;
  /** Newest first, without their pipelines. */
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskSummary>>;
  /** Stores who wants the task stopped, and why; the first one stays. */
  recordStop(id: string, stop: NonNullable<Task['stop']>): Promise<void>;
  delete(id: string): Promise<boolean>;
}

/** Outputs of steps, apart from the task's record: they may be large. */
export interface OutputStore {
  put(taskId: string, attempt: number, instance: string, outputs: Record<string, unknown>): Promise<void>;
  all(taskId: string, attempt: number): Promise<Record<string, Record<string, unknown>>>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}

/** What the services ask of the durable side: entities of jobs and workflows of tasks. */
export interface Orchestrator {
  /**
   * Has the job's entity number and start a task. With `key`, a repeated request gets the first one's answer.
   * Throws `unavailable` when no worker answers in 5 s; asking again is then safe if a key was given.
   */
  runJob(job: Job, request: { trigger: TaskTrigger; run: RunJob; key?: string }): Promise<Accepted>;
  /** Asks the task's workflow to stop, as Temporal's own cancel does. Throws `conflict` when it has ended already. */
  stopTask(taskId: string): Promise<void>;
  /** Ends the entity of a job that is deleted; one that never ran is no error. */
  forgetJob(jobId: string): Promise<void>;
  /** True when Temporal answers within `timeoutMs`. */
  healthy(timeoutMs: number): Promise<boolean>;
}
