import type { Build, BuildInput, BuildState, BuildWaiter } from '../build.ts';
import type { Page, PageRequest } from './page.ts';
import type { Writer } from './writer.ts';

interface BuildFilter {
  state?: BuildState;
}

type BuildPatch = Pick<Build, 'state'> &
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

/** Of the store of builds, what retention asks. */
interface ExpiringBuilds {
  /** At most `limit` builds that ended before and whose logs are not removed. */
  withLogs(before: Date, limit: number): Promise<Build[]>;
  /** The logs of the build's runs up to this one are removed. */
  logsRemoved(id: string, runId: string, at: Date): Promise<void>;
  /** Ids of at most `limit` builds that ended before, of no task. */
  unused(before: Date, limit: number): Promise<string[]>;
  /** Removes the record of a build, if it is still of no task. */
  deleteUnused(id: string): Promise<void>;
}

/** Workflows of builds in Temporal; both throw `unavailable` when it does not answer. */
export interface BuildWorkflows {
  /** Joins the image's build, which is started where none runs; answers with its run. */
  join(input: BuildInput, waiter: BuildWaiter): Promise<string>;
  /** The run that is under way now; undefined when none is. */
  running(buildId: string): Promise<string | undefined>;
}
