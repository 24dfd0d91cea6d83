import type { Build, BuildInput, BuildState, BuildWaiter } from '../build.ts';
import type { Page, PageRequest } from './page.ts';
import type { Writer } from './writer.ts';

interface BuildFilter {
  state?: BuildState;
}

type BuildPatch = Pick<Build, 'state'> &
  Partial<Pick<Build, 'startedAt' | 'finishedAt' | 'durationMs' | 'error' | 'digest'>>;

export interface BuildStore extends ExpiringBuilds {
  /** Adds a task to the build; records the build if it is the first. */
  join(build: Pick<Build, 'id' | 'image' | 'repo' | 'commit'>, taskId: string): Promise<void>;
  /** Assigns the record to a new run of its workflow, which waits for a slot; clears the data of an earlier run. */
  begin(id: string, runId: string): Promise<void>;
  /** Writes the progress of a run. Returns false when another run holds the record, or an equal or later state was written. */
  project(id: string, writer: Writer, patch: BuildPatch): Promise<boolean>;
  /** Marks a build that has not begun as successful, because its image already exists. */
  markFound(id: string): Promise<void>;
  get(id: string): Promise<Build | undefined>;
  /** Newest first. */
  list(filter: BuildFilter, page: PageRequest): Promise<Page<Build>>;
  /** Lists the builds that have not ended. */
  unsettled(): Promise<Build[]>;
  /** Returns the ids of ended builds that only this task has joined. */
  onlyOf(taskId: string): Promise<string[]>;
  /** Deletes the record of a build if it still belongs only to that task. */
  delete(id: string, taskId: string): Promise<void>;
  /** Removes the task from all builds. */
  forgetTask(taskId: string): Promise<void>;
}

/** The part of the build store for retention. */
interface ExpiringBuilds {
  /** Returns at most `limit` builds that ended before a time and still have logs. */
  withLogs(before: Date, limit: number): Promise<Build[]>;
  /** Marks the logs of the build's runs up to this one as deleted. */
  markLogsRemoved(id: string, runId: string, at: Date): Promise<void>;
  /** Returns the ids of at most `limit` builds without tasks that ended before a time. */
  unused(before: Date, limit: number): Promise<string[]>;
  /** Deletes the record of a build if it still has no task. */
  deleteUnused(id: string): Promise<void>;
}

/** Workflows of builds in Temporal; both throw `unavailable` when it does not answer. */
export interface BuildWorkflows {
  /** Joins the image's build, or starts it. Returns the id of its run. */
  join(input: BuildInput, waiter: BuildWaiter): Promise<string>;
  /** Returns the id of the current run; undefined when none is running. */
  running(buildId: string): Promise<string | undefined>;
}
