import type { FaultReport } from './fault.ts';
import type { Outcome } from './outcome.ts';
import type { CommitInfo } from './ports/git.ts';

export const bisectStates = ['running', 'success', 'error', 'canceled'] as const;
export type BisectState = (typeof bisectStates)[number];

/** `skip`: the test could not be run, so the commit is neither good nor bad. */
export const bisectVerdicts = ['good', 'bad', 'skip'] as const;
export type BisectVerdict = (typeof bisectVerdicts)[number];

/** A task of a search; without a verdict while it runs. */
interface BisectRun {
  commit: string;
  taskId: string;
  verdict?: BisectVerdict;
  outcome?: Outcome;
}

/** Input of a `bisect` workflow, which finds the commit of a component that made a job's test fail. */
export interface BisectInput {
  id: string;
  jobId: string;
  /** Ids of a successful and a failed task of the job; all other versions come from the lockfile of the failed one. */
  good: string;
  bad: string;
  /** Plugin of the component, its repository, and its commits in the two tasks. */
  component: string;
  repo: string;
  goodCommit: string;
  badCommit: string;
  /** The tasks differ in more than the component, so its good commit is tried first. */
  tryGood: boolean;
  by: string;
  requestedAt: string;
}

/** The record of a search, written only by its workflow. Times are ISO 8601 in UTC. */
export interface Bisect extends Omit<BisectInput, 'tryGood'> {
  state: BisectState;
  /** Number of commits in the search, including the bad one. */
  commits?: number;
  runs: BisectRun[];
  /** The first bad commit. */
  first?: CommitInfo;
  /** Candidates for the first bad commit, when untestable commits prevent a unique result. */
  suspects?: string[];
  error?: FaultReport;
  finishedAt?: string;
}
