import type { Build } from '../build.ts';
import type { Counts } from '../counts.ts';

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

/** Of the store of builds, what retention asks. */
export interface ExpiringBuilds {
  /** At most `limit` builds that ended before and whose logs are not removed. */
  withLogs(before: Date, limit: number): Promise<Build[]>;
  /** The logs of the build's runs up to this one are removed. */
  logsRemoved(id: string, runId: string, at: Date): Promise<void>;
  /** Ids of at most `limit` builds that ended before, of no task. */
  unused(before: Date, limit: number): Promise<string[]>;
  /** Removes the record of a build, if it is still of no task. */
  deleteUnused(id: string): Promise<void>;
}

/** A right that one program at a time has, until it gives it up or its time is over. */
export interface Lease {
  /** Takes or keeps it for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/** What the janitor found of objects that no task needs, the last time: names, each with its kind. */
export interface Orphans {
  /** Without the mark of an installation, so they are left alone. */
  unmarked: string[];
  /** Of this installation, but they could not be removed. */
  unremovable: string[];
}

export interface OrphanStore {
  get(): Promise<Orphans>;
  set(found: Orphans): Promise<void>;
}

/** How many records there are, for metrics. */
export interface CountStore {
  /** Fails when MongoDB has not answered all of it within `timeoutMs`. */
  counts(timeoutMs: number): Promise<Counts>;
}

/** What waits in a task queue of Temporal for a worker, about. */
export interface Backlog {
  queue: string;
  type: 'workflow' | 'activity';
  count: number;
}
