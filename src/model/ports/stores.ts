import type { Artifact } from '../artifact.ts';
import type { AttemptEntry } from '../attempt.ts';
import type { Bisect } from '../bisect.ts';
import type { Build, BuildState } from '../build.ts';
import type { Delivery, DeliveryMatch, DeliveryState, KeptPayload } from '../delivery.ts';
import type { FlowRevision, FlowSummary, TestFlow } from '../flow.ts';
import type { Group } from '../group.ts';
import type { Job, JobEvent, JobType, NumberRequest, Pause, Versions } from '../job.ts';
import type { Plugin } from '../plugin.ts';
import type { StepProgress, Task } from '../task.ts';
import type { WaitStore } from '../waiting.ts';
import type { AcceptedTasks } from './accept.ts';
import type { ExpiringBuilds, ExpiringTasks } from './upkeep.ts';

/** One page of a list; `cursor` is opaque to callers and comes from the page before. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
export interface PageRequest {
  limit: number;
  cursor?: string;
}

export interface GroupStore {
  /** Throws `conflict` when another group has the name. */
  insert(group: Group): Promise<void>;
  get(id: string): Promise<Group | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Group>>;
  /** Throws `conflict` when another group has the name; false when there is no such group. */
  replace(group: Group): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}

export interface FlowFilter {
  groupId?: string;
  /** A part of the name, in capitals or not. */
  name?: string;
}

export interface FlowStore {
  /** Throws `conflict` when another flow has the name. */
  insert(flow: TestFlow): Promise<void>;
  get(id: string): Promise<TestFlow | undefined>;
  /** Newest first, without their graphs. */
  list(filter: FlowFilter, page: PageRequest): Promise<Page<FlowSummary>>;
  /** Number of flows by group; a group without flows has none. */
  countByGroup(groupIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Writes the next revision of a flow, and keeps the one before. False, and nothing written, when the flow is not at the
   * revision before it any more. Throws `conflict` when another flow has the name.
   */
  replace(before: TestFlow, next: TestFlow): Promise<boolean>;
  /** Removes a flow at this revision, and all its revisions but those to keep; false when it is not at it any more. */
  delete(flow: TestFlow, keep: readonly number[]): Promise<boolean>;
  /** Any revision, the newest too, also of a flow that was deleted if it was kept. */
  revision(id: string, revision: number): Promise<FlowRevision | undefined>;
  /** Removes what is kept of a flow that was deleted; of one that exists, nothing. */
  forget(id: string): Promise<void>;
  /** Newest first, without their graphs; none when nothing is known of the flow. */
  revisions(id: string): Promise<Omit<FlowRevision, 'graph'>[]>;
}

export interface JobStore {
  /** Throws `conflict` when another job has the name. */
  insert(job: Job): Promise<void>;
  /** A job that is being deleted is none any more. */
  get(id: string): Promise<Job | undefined>;
  list(page: PageRequest): Promise<Page<Job>>;
  /** All jobs of these types, or of all, that are not being deleted. */
  all(types?: readonly JobType[]): Promise<Job[]>;
  /** Writes what a user may edit. Throws `conflict` when another job has the name; false when there is no such job. */
  replace(job: Job): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** Raises the job's execCount to `number`; never lowers it. */
  countRun(id: string, number: number): Promise<void>;
  /**
   * The next number of the job's tasks, higher than execCount and `after`, and becomes execCount; each is given once. Whoever
   * asks again by the name of the last request that had one gets the same again.
   */
  takeNumber(id: string, request?: NumberRequest): Promise<number>;
  setPause(id: string, pause: Pause | undefined): Promise<void>;
  /** Sets the versions of some plugins, and leaves the others. */
  setVersions(id: string, versions: Versions): Promise<void>;
  /** Keeps the newest 20 events. */
  addEvent(id: string, event: JobEvent): Promise<void>;
  /** From now on nothing starts for this job. False when there is no such job, not even one that is being deleted. */
  markDeleting(id: string): Promise<boolean>;
  /** Ids of the jobs that are being deleted. */
  deleting(): Promise<string[]>;
}

export interface PluginStore {
  /** All versions, by name and then newest version first. */
  list(): Promise<Plugin[]>;
  /** Without a version, the newest. */
  get(name: string, version?: string): Promise<Plugin | undefined>;
  /**
   * Makes the records equal to what was found. `before` is what was on record when the search began: a record that somebody
   * else has changed since then stays as it is.
   */
  replaceAll(plugins: readonly Plugin[], before?: readonly Plugin[]): Promise<void>;
  /** Puts `after` in the place of `before`, where undefined means no record. False when the record is not `before` any more. */
  change(before: Plugin | undefined, after: Plugin | undefined): Promise<boolean>;
  /** Takes or keeps the right to change the files of the plugin store for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/** What users have changed of the labels that a plugin brings. */
export interface LabelChange {
  added: readonly string[];
  removed: readonly string[];
}

export interface LabelStore {
  /** By the plugin's name. */
  changes(): Promise<ReadonlyMap<string, LabelChange>>;
  add(plugin: string, label: string): Promise<void>;
  remove(plugin: string, label: string): Promise<void>;
  /** All that was changed of the plugin's labels. */
  forget(plugin: string): Promise<void>;
}

/** Who writes a projection: a later epoch of the same Temporal run wins, a run that is not the current one loses. */
export interface Writer {
  runId: string;
  epoch: number;
}

/** Fields that a task has for a time. */
export type PassingField = 'reason' | 'outcome' | 'error' | 'heldUntil' | 'stop' | 'podName';

/** null removes what it stands for. */
export type TaskPatch = Partial<Omit<Task, 'id' | 'runId' | 'times' | 'attempts' | PassingField>> & {
  attempts?: AttemptEntry[];
  times?: { [T in keyof Task['times']]?: Task['times'][T] | null };
} & { [F in PassingField]?: Task[F] | null };

export type TaskSummary = Omit<Task, 'pipeline' | 'attempts' | 'steps'>;

export interface TaskFilter {
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

export interface DeliveryFilter {
  state?: DeliveryState;
  repo?: string;
  /** Received then or later. */
  since?: Date;
  /** Received earlier than that. */
  before?: Date;
}

export interface DeliveryStore {
  /** Records a delivery with the next number; false when its id is on record already. One that was recorded will be dispatched. */
  insert(delivery: Omit<Delivery, 'seq'>): Promise<boolean>;
  get(id: string): Promise<Delivery | undefined>;
  /** Keeps the payload of a delivery until that is deleted; before its record, so that none is without it. */
  keepPayload(id: string, payload: KeptPayload): Promise<void>;
  /** The payload that was kept, or undefined when there is none. */
  payload(id: string): Promise<KeptPayload | undefined>;
  /** Newest first. */
  list(filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /** Of those that wait for their dispatch, the first ones in order of receipt. */
  waiting(limit: number): Promise<Delivery[]>;
  /** It was dispatched or parked, and does not wait any more. */
  finish(id: string, result: Pick<Delivery, 'state' | 'matches' | 'error'>): Promise<void>;
  /** Its dispatch failed; it still waits. */
  fail(id: string, error: string): Promise<void>;
  /** What the entity of a job made of a delivery. */
  decide(id: string, jobId: string, decision: Pick<DeliveryMatch, 'taskId' | 'decision'>): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
  /** Takes or keeps the right to dispatch for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

export interface BuildFilter {
  state?: BuildState;
}

export type BuildPatch = Pick<Build, 'state'> &
  Partial<Pick<Build, 'startedAt' | 'finishedAt' | 'durationMs' | 'error' | 'digest'>>;

export interface BuildStore extends ExpiringBuilds {
  /** One more task needs the build; the first one records it. */
  join(build: Pick<Build, 'id' | 'image' | 'repo' | 'commit'>, taskId: string): Promise<void>;
  /** A new run of its workflow holds the record from now on, and waits for a slot; what an earlier one wrote is gone. */
  begin(id: string, runId: string): Promise<void>;
  /** Writes how far that run is; false when another run holds the record, or this one had got as far already. */
  project(id: string, writer: Writer, patch: BuildPatch): Promise<boolean>;
  /** The image of a build that no run has begun is there: somebody else made it. */
  found(id: string): Promise<void>;
  get(id: string): Promise<Build | undefined>;
  /** Newest first. */
  list(filter: BuildFilter, page: PageRequest): Promise<Page<Build>>;
  /** Those that have not ended. */
  unsettled(): Promise<Build[]>;
  /** Ids of builds that have ended and that no other task has joined. */
  onlyOf(taskId: string): Promise<string[]>;
  /** Removes the record of a build, if it is still of that task alone. */
  delete(id: string, taskId: string): Promise<void>;
  /** The task is forgotten by all builds. */
  leave(taskId: string): Promise<void>;
}

export interface CommitInfo {
  sha: string;
  /** `name <address>` */
  author: string;
  /** ISO 8601. */
  at: string;
  subject: string;
}

/** What the mirrors of this machine know already; nothing is fetched. */
export interface CommitHistory {
  /** How many commits `to` has that `from` has not, and the other way; undefined where that is not known here. */
  count(repo: string, from: string, to: string): Promise<{ ahead: number; behind: number } | undefined>;
}

/** Outputs of steps, apart from the task's record: they may be large. */
export interface OutputStore {
  /** `masked`: the paths of what held a secret. */
  put(
    taskId: string,
    attempt: number,
    instance: string,
    outputs: Record<string, unknown>,
    masked?: string[][],
  ): Promise<void>;
  masked(taskId: string, attempt: number): Promise<Record<string, string[][]>>;
  all(taskId: string, attempt: number): Promise<Record<string, Record<string, unknown>>>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}

/** Files that steps left. */
export interface ArtifactStore {
  /** Keeps one part of a file; the same part again replaces it. */
  put(taskId: string, attempt: number, artifact: Artifact, part: number, data: Uint8Array): Promise<void>;
  /** All of an attempt, by step and path; `complete` unless a part was lost with the runner's log. */
  list(taskId: string, attempt: number): Promise<(Artifact & { complete: boolean })[]>;
  /** The whole content; undefined if it is not there or not complete. */
  read(taskId: string, attempt: number, step: string, path: string): Promise<Buffer | undefined>;
  /** Removes what attempts 1 … `attempts` of a task have. */
  delete(taskId: string, attempts: number): Promise<void>;
}

export interface BisectStore {
  /** Writes what its workflow knows; `step` counts its writings, and an older one changes nothing. */
  put(bisect: Bisect, step: number): Promise<void>;
  get(id: string): Promise<Bisect | undefined>;
  /** Newest first. */
  list(filter: { jobId?: string }, page: PageRequest): Promise<Page<Bisect>>;
  running(): Promise<Bisect[]>;
  deleteOf(jobId: string): Promise<void>;
}
