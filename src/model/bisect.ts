import type { FaultReport } from './fault.ts';
import type { Outcome } from './outcome.ts';
import type { CommitInfo } from './ports/git.ts';

export const bisectStates = ['running', 'success', 'error', 'canceled'] as const;
export type BisectState = (typeof bisectStates)[number];

/** `skip`: the test could not be run, which says nothing of the commit. */
export const bisectVerdicts = ['good', 'bad', 'skip'] as const;
export type BisectVerdict = (typeof bisectVerdicts)[number];

/** One task of a search; without a verdict while it runs. */
interface BisectRun {
  commit: string;
  taskId: string;
  verdict?: BisectVerdict;
  outcome?: Outcome;
}

/** Input of a `bisect` workflow: which commit of a component made a job's test fail. */
export interface BisectInput {
  id: string;
  jobId: string;
  /** Tasks of the job: one that succeeded, and one that failed, whose lockfile everything else is run with. */
  good: string;
  bad: string;
  /** The plugin of the component, its repository, and its commits in the two tasks. */
  component: string;
  repo: string;
  goodCommit: string;
  badCommit: string;
  /** The tasks differ in more than the component, so its good commit is tried first. */
  tryGood: boolean;
  by: string;
  requestedAt: string;
}

/** The record of a search, which its workflow alone writes. Times are ISO 8601 in UTC. */
export interface Bisect extends Omit<BisectInput, 'tryGood'> {
  state: BisectState;
  /** How many commits it searches, the bad one counted. */
  commits?: number;
  runs: BisectRun[];
  /** The first bad commit. */
  first?: CommitInfo;
  /** The commits of which one is the first bad one, where those that could not be tested keep it from being told. */
  suspects?: string[];
  error?: FaultReport;
  finishedAt?: string;
}
