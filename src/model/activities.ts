import type { FaultReport } from './fault.ts';
import type { RunJob, Versions } from './job.ts';
import type { RunnerVerdict } from './log.ts';
import type { CleanupDebt, ComponentImage, Outcome, StepProgress, TaskState, TaskTrigger } from './task.ts';

/** Input of a `task` workflow. Dates cross Temporal as ISO 8601 texts. */
export interface TaskInput {
  jobId: string;
  testFlowId: string;
  number: number;
  trigger: TaskTrigger;
  requestedAt: string;
  run: RunJob;
}

/** What a `task` workflow needs to know of its recorded task; the pipeline itself stays in MongoDB. */
export interface TaskPlan {
  testId: string;
  timeoutMs: number;
  components: { plugin: string; repo: string; version: string }[];
  instances: string[];
}

export interface ProjectInput {
  taskId: string;
  epoch: number;
  patch: {
    state?: TaskState;
    outcome?: Outcome;
    error?: FaultReport;
    reason?: string;
    attempt?: number;
    commits?: Versions;
    components?: ComponentImage[];
    steps?: StepProgress[];
    podName?: string;
    debts?: CleanupDebt[];
    times?: Partial<
      Record<'startedAt' | 'buildingAt' | 'createdAt' | 'runningAt' | 'cleaningAt' | 'settledAt', string>
    >;
  };
}

export interface RecordActivities {
  /** Records the task with its snapshot of flow, versions and globals. Faults: not_found, flow_invalid, input_invalid. */
  openTask(input: TaskInput): Promise<TaskPlan>;
  /** Writes the workflow's state to MongoDB; one that is no longer current writes nothing. */
  projectTask(input: ProjectInput): Promise<void>;
}

export interface BuildActivities {
  /** Full sha of a version of a repository. */
  resolveCommit(input: { taskId: string; plugin: string; repo: string; version: string }): Promise<string>;
  /** Finds the component's image at the commit or builds it, its output kept as a log of the task. */
  ensureImage(input: {
    taskId: string;
    attempt: number;
    plugin: string;
    commit: string;
  }): Promise<{ image: string; built: boolean }>;
}

/** Names an attempt of a run; workflow id and run id come from the activity's own context. */
export interface AttemptInput {
  taskId: string;
  testId: string;
  attempt: number;
}

export interface RunnerEnd {
  verdict?: RunnerVerdict;
  exitCode?: number;
  restarts: number;
  steps: StepProgress[];
  fault?: FaultReport;
}

export interface RunnerActivities {
  createRunner(input: AttemptInput & { commits: Versions; images: Versions }): Promise<{ name: string; uid: string }>;
  /** Follows the runner to its end; when the task is cancelled, stops it first and reads its log to the end. */
  followRunner(input: AttemptInput & { runner: { name: string; uid: string } }): Promise<RunnerEnd>;
}

export interface CleanupActivities {
  /** Removes what this Temporal run made, or what the named run made. */
  cleanUp(input: { testId: string }): Promise<CleanupDebt[]>;
}
