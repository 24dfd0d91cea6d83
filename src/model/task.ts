import type { RetryBudgets, TaskAttempt } from './attempt.ts';
import type { FaultReport } from './fault.ts';
import type { Globals, StepSpec } from './flow.ts';
import type { Versions } from './job.ts';
import type { Outcome } from './outcome.ts';
import type { StepProgress } from './step.ts';
import type { TaskState } from './task-state.ts';
import type { TaskTrigger } from './trigger.ts';
import type { Waiting } from './waiting.ts';

/** The image of a component of a task: the requested version, the resolved commit and image, and its build. */
export interface ComponentImage {
  plugin: string;
  repo: string;
  version: string;
  commit: string;
  image: string;
  /** Digest of the image, for a reproducible pull. */
  digest?: string;
  built: boolean;
  /** Id of the build that the task waited for. */
  build?: string;
}

/** Start of each phase of a task; a phase ends when the next one begins. */
interface TaskTimes {
  requestedAt: Date;
  startedAt?: Date;
  buildingAt?: Date;
  createdAt?: Date;
  runningAt?: Date;
  heldAt?: Date;
  cleaningAt?: Date;
  settledAt?: Date;
}

/** An object of a run that could not be deleted, and the reason. */
export interface UndeletedObject {
  kind: string;
  name: string;
  uid: string;
  reason: string;
}

/** Returns an entry for all objects of a run that could not be listed. */
export function undeletedRun(testId: string, reason: string): UndeletedObject {
  return { kind: 'run', name: testId, uid: testId, reason };
}

/** The record of a task in MongoDB: a projection written only by its workflow. */
export interface Task {
  id: string;
  name: string;
  number: number;
  jobId: string;
  testFlowId: string;
  flowRevision: number;
  testId: string;
  state: TaskState;
  outcome?: Outcome;
  error?: FaultReport;
  /** Explanation of the current state, in a sentence; only before the task is settled. */
  reason?: string;
  /** Current wait; absent while the task makes progress. */
  waiting?: Waiting;
  /** Time of acceptance; only until a worker begins the task. */
  queuedAt?: Date;
  /** Number of the newest attempt; `attempts` contains all, in order. */
  attempt: number;
  attempts: TaskAttempt[];
  /** Retry budgets; absent until the first runner is created. */
  retries?: RetryBudgets;
  /** Time when the environment of a held task will be removed. */
  heldUntil?: Date;
  trigger: TaskTrigger;
  /** Task whose lockfile it uses. */
  lockfileOf?: string;
  versions: Versions;
  commits: Versions;
  components: ComponentImage[];
  globals: Globals;
  pipeline: StepSpec[];
  steps: StepProgress[];
  podName?: string;
  workflowId: string;
  runId: string;
  times: TaskTimes;
  debts: UndeletedObject[];
  /** Time when its logs, files and outputs were deleted because their retention expired. */
  logsRemovedAt?: Date;
  stop?: { by: string; reason?: string; at: Date };
}
