import type { TestFlow } from './flow.ts';
import type { Job } from './job.ts';
import type { Plugin } from './plugin.ts';
import type { Task } from './task.ts';

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
  /** Newest first. */
  list(page: PageRequest): Promise<Page<TestFlow>>;
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
  list(filter: { jobId?: string; state?: Task['state']; since?: Date }, page: PageRequest): Promise<Page<Task>>;
  /** Stores who wants the task stopped, and why; the first one stays. */
  recordStop(id: string, stop: NonNullable<Task['stop']>): Promise<void>;
  delete(id: string): Promise<boolean>;
}

/** Outputs of steps, apart from the task's record: they may be large. */
export interface OutputStore {
  put(taskId: string, attempt: number, instance: string, outputs: Record<string, unknown>): Promise<void>;
  all(taskId: string, attempt: number): Promise<Record<string, Record<string, unknown>>>;
}
