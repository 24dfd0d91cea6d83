import type { AttemptEntry, RetryBudgets, RetryLimits, TaskRetry } from './attempt.ts';
import type { Bisect } from './bisect.ts';
import type { BuildEnd, BuildInput, FoundImage } from './build.ts';
import type { FaultReport } from './fault.ts';
import type { RunJob, Versions } from './job.ts';
import type { RunnerVerdict } from './log.ts';
import type { Outcome } from './outcome.ts';
import type { CommitInfo } from './ports/git.ts';
import type { StepProgress } from './step.ts';
import type { StepSummary } from './step-summary.ts';
import type { ComponentImage, UndeletedObject } from './task.ts';
import type { TaskState } from './task-state.ts';
import type { TaskTrigger } from './trigger.ts';

/** Input of a `task` workflow. Dates cross Temporal as ISO 8601 strings. */
export interface TaskInput {
  jobId: string;
  testFlowId: string;
  number: number;
  trigger: TaskTrigger;
  requestedAt: string;
  run: RunJob;
  /** Reason why the task waits until the job's entity lets it begin. */
  waitsFor?: string;
  /** Set when a settled task runs again. */
  retry?: TaskRetry;
  /** Id of the accepted start that the workflow claims. */
  startId?: string;
}

/** A component of a task, with the version of its image. */
export interface TaskComponent {
  plugin: string;
  repo: string;
  version: string;
  /** Pattern whose newest matching tag is the version. */
  tagPattern?: string;
  /** Commit and digest required by a lockfile. */
  locked?: { commit: string; digest?: string };
}

/** The part of the recorded task that its workflow needs; the pipeline itself stays in MongoDB. */
export interface TaskPlan {
  testId: string;
  timeoutMs: number;
  /** Number of the next attempt of a task that runs again. */
  attempt?: number;
  components: TaskComponent[];
  /** Requested versions of all plugins, including those of the trigger. */
  versions: Versions;
  /** Instances of the steps; only for workflows that keep the steps themselves (started by an earlier release). */
  instances?: string[];
  /** Needs by instance, where a step does not need all steps before it; only together with `instances`. */
  needs?: Record<string, string[]>;
  /** Time for which the environment is held after a failed test; absent when it is not held. */
  holdMs?: number;
  retries?: RetryLimits;
}

export interface ProjectInput {
  taskId: string;
  epoch: number;
  patch: {
    state?: TaskState;
    /** null removes the field, because the task runs again. */
    outcome?: Outcome | null;
    error?: FaultReport | null;
    heldUntil?: string | null;
    /** Changed attempts. */
    attempts?: AttemptEntry[];
    retries?: RetryBudgets;
    /** null when the task no longer waits. */
    reason?: string | null;
    trigger?: TaskTrigger;
    versions?: Versions;
    attempt?: number;
    commits?: Versions;
    components?: ComponentImage[];
    /** Only for workflows that keep the steps themselves. */
    steps?: StepProgress[];
    podName?: string;
    debts?: UndeletedObject[];
    times?: Partial<
      Record<'startedAt' | 'buildingAt' | 'createdAt' | 'runningAt' | 'heldAt' | 'cleaningAt' | 'settledAt', string>
    >;
  };
}

/** `recordsSteps`: the supervisors of the runner record the steps, not the workflow. */
export type OpenTaskInput = TaskInput & { recordsSteps?: true };

export interface RecordActivities {
  /**
   * Records the task with its snapshot of flow, versions and globals, or claims the record of an accepted task. Returns
   * undefined when that task was withdrawn or stopped before it began. With `recordsSteps` the plan contains no steps.
   * Faults: not_found, flow_invalid, input_invalid.
   */
  openTask(input: OpenTaskInput): Promise<TaskPlan | undefined>;
  /**
   * Writes the workflow's state to MongoDB; a run that is no longer current writes nothing. For an attempt without steps it
   * keeps the steps of the previous attempt on a retry from a failed step, and ends running steps when the attempt has ended.
   */
  projectTask(input: ProjectInput): Promise<void>;
  /** Stores the versions of a tag trigger for the job's next runs. */
  keepVersions(input: { jobId: string; versions: Versions }): Promise<void>;
}

/** A task whose workflow ended without settling it: terminated, or lost by Temporal. */
export interface LostTask extends AttemptInput {
  workflowId: string;
  runId: string;
  terminated: boolean;
}

export interface JobActivities {
  /** Returns the job's next unique task number, higher than `after`; repeated requests with the same `by` get the same one. */
  takeNumber(input: { jobId: string; after: number; by: string }): Promise<number>;
  /** Returns the tasks whose records are settled, held or missing. */
  settledTasks(input: { taskIds: string[] }): Promise<string[]>;
  /** Settles an accepted, unclaimed task as canceled, with the reason. */
  cancelStart(input: { taskId: string; startId: string; reason: string }): Promise<void>;
  /** Withdraws or resends accepted tasks that have been unclaimed for too long. */
  reconcileStarts(): Promise<void>;
  /** Returns the tasks whose workflows have ended. */
  closedTasks(input: { taskIds: string[] }): Promise<string[]>;
  /** Records the decision on a trigger in its deliveries, or in the job's events. */
  recordDecision(input: { jobId: string; trigger: TaskTrigger; taskId?: string; decision: string }): Promise<void>;
  /** Requests that all tasks of the job stop, including unrecorded ones. Returns the tasks that have not ended. */
  stopTasks(input: { jobId: string; taskIds: string[] }): Promise<string[]>;
  /** Sends a scheduled time of a job to its entity. Does nothing for a deleted job or one without a schedule. */
  fireJob(input: { jobId: string; nominalAt: string }): Promise<void>;
  /** Reconciles Temporal's schedules with the jobs. */
  reconcileJobs(): Promise<void>;
  /** Dispatches waiting webhooks whose server is gone. */
  dispatchWaiting(): Promise<void>;
  /** Settles the records of builds whose workflows ended without settling them. */
  settleLostBuilds(): Promise<void>;
  /** Returns the ids of unsettled tasks whose workflow has ended. */
  lostTasks(): Promise<string[]>;
  /** Returns undefined when the task is not lost. */
  findLost(input: { taskId: string }): Promise<LostTask | undefined>;
  settleLost(input: LostTask & { steps: StepProgress[]; debts: UndeletedObject[] }): Promise<void>;
}

export interface RemovalActivities {
  /** Deletes a job with its tasks, logs and outputs. */
  eraseJob(input: { jobId: string }): Promise<void>;
}

export interface BuildActivities {
  /** Returns the newest matching tag of a repository, by version order. Faults: ref_not_found. */
  newestTag(input: { repo: string; pattern: string }): Promise<string>;
  /** Returns the first-parent commits from `good` (excluded) to `bad`, oldest first. Faults: input_invalid. */
  listCommits(input: { repo: string; good: string; bad: string }): Promise<string[]>;
  describeCommit(input: { repo: string; commit: string }): Promise<CommitInfo>;
  /** Returns the full sha of a version of a repository. */
  resolveCommit(input: { taskId: string; plugin: string; repo: string; version: string }): Promise<string>;
  /**
   * Finds the component's image at the commit, or joins its build, whose log the task then shows. `joined` is the run of the
   * build that the task already waits for: nothing happens while it is running.
   */
  joinBuild(input: ImageRequest & { joined?: string }): Promise<JoinedImage>;
  /** Returns the image if it exists; otherwise records that its build waits for a slot. */
  beginBuild(input: BuildInput): Promise<FoundImage | undefined>;
  /** Builds the image unless it exists, and stores its output as the build's log; takes one of the slots. */
  buildImage(input: BuildInput): Promise<FoundImage & { built: boolean }>;
  /** Records the result of the build. */
  endBuild(end: BuildEnd): Promise<void>;
}

export interface BisectActivities {
  /**
   * Runs a job with a task's lockfile, overridden by the given versions, once per key. Faults: not_found, conflict when the
   * job's overlap policy refuses it, unavailable.
   */
  startRun(input: StartRunInput): Promise<string>;
  /** Records the search; `step` is the sequence number of the write. */
  recordBisect(input: { bisect: Bisect; step: number }): Promise<void>;
  /** Settles the records of searches whose workflows ended without settling them. */
  settleLostBisects(): Promise<void>;
}

export interface StartRunInput {
  jobId: string;
  lockfileOf: string;
  versions: Versions;
  by: string;
  key: string;
}

/** Identifies the image of a component of a task. */
export interface ImageRequest {
  taskId: string;
  attempt: number;
  plugin: string;
  commit: string;
}

/** An image that exists, or will exist when the run `runId` of its build has ended. */
export interface JoinedImage extends FoundImage {
  image: string;
  build?: { id: string; runId: string };
}

/** Identifies an attempt of a task; workflow id and run id come from the activity's own context. */
export interface AttemptInput {
  taskId: string;
  testId: string;
  attempt: number;
}

export interface CreateRunnerInput extends AttemptInput {
  commits: Versions;
  images: Versions;
  /** Continues in the environment of the previous attempt: steps that succeeded there do not run again. */
  goesOn?: true;
  /** Attempts whose edited inputs apply, in order. */
  inputsOf?: number[];
  /** Steps that do not run again; replaces `goesOn` for workflows that keep the steps themselves. */
  earlier?: string[];
  /** Edited inputs by instance; replaces `inputsOf` for such workflows. */
  inputs?: Record<string, Record<string, unknown>>;
}

export interface FollowRunnerInput extends AttemptInput {
  runner: { name: string; uid: string };
  /** Epoch under which the supervisor records the steps; without it, the supervisor reports them to the workflow. */
  epoch?: number;
}

export interface RunnerEnd {
  verdict?: RunnerVerdict;
  exitCode?: number;
  restarts: number;
  /** Summary of the steps, when the supervisor records them. */
  summary?: StepSummary;
  /** All steps, when it does not. */
  steps?: StepProgress[];
  fault?: FaultReport;
}

export interface RunnerActivities {
  createRunner(input: CreateRunnerInput): Promise<{ name: string; uid: string }>;
  /** Supervises the runner until it ends. On cancellation, stops the runner first and reads its log to the end. */
  followRunner(input: FollowRunnerInput): Promise<RunnerEnd>;
  /** Stores the output of the components of a held environment until it is cancelled. */
  followHeld(input: AttemptInput): Promise<void>;
  /** Waits until a task has ended; a terminated task counts as stopped. */
  awaitTask(input: { taskId: string }): Promise<{ state: TaskState; outcome?: Outcome }>;
  /** Stops the containers of a lost task, reads their logs to the end and records its steps. Returns an empty list. */
  drainLogs(input: LostTask): Promise<StepProgress[]>;
}

export interface CleanupActivities {
  /**
   * Deletes the objects of this Temporal run, or of the named run. When the task has already waited too long for the engine
   * (`engineAway`) it does not wait again and returns the run as undeleted.
   */
  cleanUp(input: { testId: string; runId?: string; engineAway?: boolean }): Promise<UndeletedObject[]>;
  /** Deletes the leftovers of settled tasks: undeleted objects, and objects found after their cleanup. */
  tidyUp(): Promise<void>;
  /** Deletes orphans: objects of this installation that no task needs. */
  removeOrphans(): Promise<void>;
  /** Deletes logs, tasks, deliveries and builds whose retention has expired. */
  removeExpired(): Promise<void>;
}
