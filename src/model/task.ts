import type { RetryBudgets, TaskAttempt } from './attempt.ts';
import type { FaultReport } from './fault.ts';
import type { Globals, StepSpec } from './flow.ts';
import type { Versions } from './job.ts';
import type { Outcome } from './outcome.ts';
import type { StepProgress } from './step.ts';
import type { TaskState } from './task-state.ts';
import type { TaskTrigger } from './trigger.ts';
import type { Waiting } from './waiting.ts';

/** The image of one component of a task: what was wanted, what it became, and where its build's log is. */
export interface ComponentImage {
  plugin: string;
  repo: string;
  version: string;
  commit: string;
  image: string;
  /** What the commit became: with it, the same image can be had again. */
  digest?: string;
  built: boolean;
  /** Id of the build that the task waited for. */
  build?: string;
}

/** When each phase of a task began; the next one ends it. */
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

/** An object of a run that could not be removed, and why. */
export interface CleanupDebt {
  kind: string;
  name: string;
  uid: string;
  reason: string;
}

/** All that a run may have, where it could not even be listed. */
export function runDebt(testId: string, reason: string): CleanupDebt {
  return { kind: 'run', name: testId, uid: testId, reason };
}

/** The record of a task in MongoDB: a projection that its workflow alone writes. */
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
  /** Why it is where it is, in a sentence, while it is not settled. */
  reason?: string;
  /** What it waits for now; absent while it goes on. */
  waiting?: Waiting;
  /** Since when it is accepted; only while no worker has begun it. */
  queuedAt?: Date;
  /** The newest one's number; `attempts` has all of them, in order. */
  attempt: number;
  attempts: TaskAttempt[];
  /** Absent until its first runner is created. */
  retries?: RetryBudgets;
  /** When the environment of a held task will be removed. */
  heldUntil?: Date;
  trigger: TaskTrigger;
  /** The task whose lockfile it runs. */
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
  debts: CleanupDebt[];
  /** Since when its logs, files and outputs are removed: it is older than they are kept. */
  logsRemovedAt?: Date;
  stop?: { by: string; reason?: string; at: Date };
}
