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
import type { CleanupDebt, ComponentImage } from './task.ts';
import type { TaskState } from './task-state.ts';
import type { TaskTrigger } from './trigger.ts';

/** Input of a `task` workflow. Dates cross Temporal as ISO 8601 texts. */
export interface TaskInput {
  jobId: string;
  testFlowId: string;
  number: number;
  trigger: TaskTrigger;
  requestedAt: string;
  run: RunJob;
  /** Begins only once the job's entity says so; why it waits, in a sentence. */
  waitsFor?: string;
  /** It is settled already, and runs again. */
  retry?: TaskRetry;
  /** It was recorded when it was accepted: the start that its workflow claims. */
  startId?: string;
}

/** One component of a task, as its image will be asked for. */
export interface TaskComponent {
  plugin: string;
  repo: string;
  version: string;
  /** The version is the newest tag that matches. */
  tagPattern?: string;
  /** What the version has to become: by a lockfile. */
  locked?: { commit: string; digest?: string };
}

/** What a `task` workflow needs to know of its recorded task; the pipeline itself stays in MongoDB. */
export interface TaskPlan {
  testId: string;
  timeoutMs: number;
  /** Of a task that runs again: the number of its next attempt. */
  attempt?: number;
  components: TaskComponent[];
  /** The wanted versions of all plugins, with those that the trigger asks for. */
  versions: Versions;
  /** Only of a task whose workflow keeps its steps, as a release before this one began them. */
  instances?: string[];
  /** As `instances`: what a step needs, by instance, where that is not all before it. */
  needs?: Record<string, string[]>;
  /** How long the environment is held after the test has failed; not at all when it is absent. */
  holdMs?: number;
  retries?: RetryLimits;
}

export interface ProjectInput {
  taskId: string;
  epoch: number;
  patch: {
    state?: TaskState;
    /** null of what is no more, as the task runs again. */
    outcome?: Outcome | null;
    error?: FaultReport | null;
    heldUntil?: string | null;
    /** Those that have changed. */
    attempts?: AttemptEntry[];
    retries?: RetryBudgets;
    /** null when it waits no more. */
    reason?: string | null;
    trigger?: TaskTrigger;
    versions?: Versions;
    attempt?: number;
    commits?: Versions;
    components?: ComponentImage[];
    /** Only of a task whose workflow keeps its steps. */
    steps?: StepProgress[];
    podName?: string;
    debts?: CleanupDebt[];
    times?: Partial<
      Record<'startedAt' | 'buildingAt' | 'createdAt' | 'runningAt' | 'heldAt' | 'cleaningAt' | 'settledAt', string>
    >;
  };
}

/** `recordsSteps`: the workflow leaves the steps to its followers. */
export type OpenTaskInput = TaskInput & { recordsSteps?: true };

export interface RecordActivities {
  /**
   * Records the task with its snapshot of flow, versions and globals, or claims the record of an accepted one; undefined when
   * that was withdrawn or stopped before it began. With `recordsSteps` the plan names no steps: their followers keep them.
   * Faults: not_found, flow_invalid, input_invalid.
   */
  openTask(input: OpenTaskInput): Promise<TaskPlan | undefined>;
  /**
   * Writes the workflow's state to MongoDB; one that is no longer current writes nothing. Of an attempt without steps it
   * keeps those of the one before for a retry from a failed step, and ends those that ran once the attempt has ended.
   */
  projectTask(input: ProjectInput): Promise<void>;
  /** Keeps the versions that a tag's trigger brought for the job's next runs. */
  keepVersions(input: { jobId: string; versions: Versions }): Promise<void>;
}

/** A task whose workflow has ended without settling it: terminated, or lost by Temporal. */
export interface LostTask extends AttemptInput {
  workflowId: string;
  runId: string;
  terminated: boolean;
}

export interface JobActivities {
  /** The next number for a task of the job, higher than `after`; never given twice, and the same to who asks again as `by`. */
  takeNumber(input: { jobId: string; after: number; by: string }): Promise<number>;
  /** Those of the tasks whose records are settled or held, or not there. */
  settledTasks(input: { taskIds: string[] }): Promise<string[]>;
  /** Settles an accepted task that no workflow has claimed as canceled, with the reason. */
  cancelStart(input: { taskId: string; startId: string; reason: string }): Promise<void>;
  /** Withdraws or hands over again the accepted tasks that no workflow has claimed for long. */
  reconcileStarts(): Promise<void>;
  /** Those of the tasks whose workflows have ended. */
  closedTasks(input: { taskIds: string[] }): Promise<string[]>;
  /** Writes what became of a trigger to its deliveries, or to the job's events. */
  recordDecision(input: { jobId: string; trigger: TaskTrigger; taskId?: string; decision: string }): Promise<void>;
  /** Asks all tasks of the job to stop, also those that are not on record yet; answers with those that have not ended. */
  stopTasks(input: { jobId: string; taskIds: string[] }): Promise<string[]>;
  /** Hands a time of a job's schedule to its entity; a job that is gone or has no schedule any more starts nothing. */
  fireJob(input: { jobId: string; nominalAt: string }): Promise<void>;
  /** Makes Temporal's schedules equal to the jobs. */
  reconcileJobs(): Promise<void>;
  /** Dispatches webhooks that wait although no server does it: the one that took them is gone. */
  dispatchWaiting(): Promise<void>;
  /** Settles the records of builds whose workflows have ended without doing so. */
  settleLostBuilds(): Promise<void>;
  /** Ids of tasks whose record is unsettled although their workflow has ended. */
  lostTasks(): Promise<string[]>;
  /** Undefined when the task is not lost. */
  findLost(input: { taskId: string }): Promise<LostTask | undefined>;
  settleLost(input: LostTask & { steps: StepProgress[]; debts: CleanupDebt[] }): Promise<void>;
}

export interface RemovalActivities {
  /** Removes a job with its tasks, logs and outputs. */
  eraseJob(input: { jobId: string }): Promise<void>;
}

export interface BuildActivities {
  /** The newest tag of a repository that the pattern matches, by version order. Faults: ref_not_found. */
  newestTag(input: { repo: string; pattern: string }): Promise<string>;
  /** The commits from `good` to `bad` by first parents, oldest first, without `good`. Faults: input_invalid. */
  listCommits(input: { repo: string; good: string; bad: string }): Promise<string[]>;
  describeCommit(input: { repo: string; commit: string }): Promise<CommitInfo>;
  /** Full sha of a version of a repository. */
  resolveCommit(input: { taskId: string; plugin: string; repo: string; version: string }): Promise<string>;
  /**
   * Finds the component's image at the commit; one that is missing is joined to its build, whose log the task shows from
   * then on. `joined` is the run of the build that the task waits for already: while that lasts nothing is done.
   */
  joinBuild(input: ImageRequest & { joined?: string }): Promise<JoinedImage>;
  /** The image if it exists; else records that its build waits for a slot. */
  beginBuild(input: BuildInput): Promise<FoundImage | undefined>;
  /** Builds the image, unless it exists, with its output kept as the build's log; takes one of the slots. */
  buildImage(input: BuildInput): Promise<FoundImage & { built: boolean }>;
  /** Records how the build ended. */
  endBuild(end: BuildEnd): Promise<void>;
}

export interface BisectActivities {
  /**
   * Runs a job with a task's lockfile but for the given versions, once for a key. Faults: not_found, conflict when the job's
   * overlap policy refuses it, unavailable.
   */
  startRun(input: StartRunInput): Promise<string>;
  /** `step` counts what was recorded of the search. */
  recordBisect(input: { bisect: Bisect; step: number }): Promise<void>;
  /** Settles the records of searches whose workflows have ended without doing so. */
  settleLostBisects(): Promise<void>;
}

export interface StartRunInput {
  jobId: string;
  lockfileOf: string;
  versions: Versions;
  by: string;
  key: string;
}

/** Names the image of a component of a task. */
export interface ImageRequest {
  taskId: string;
  attempt: number;
  plugin: string;
  commit: string;
}

/** An image that exists, or will when the run `runId` of its build has ended. */
export interface JoinedImage extends FoundImage {
  image: string;
  build?: { id: string; runId: string };
}

/** Names an attempt of a run; workflow id and run id come from the activity's own context. */
export interface AttemptInput {
  taskId: string;
  testId: string;
  attempt: number;
}

export interface CreateRunnerInput extends AttemptInput {
  commits: Versions;
  images: Versions;
  /** It goes on in the environment of the attempt before: the steps that have succeeded there do not run again. */
  goesOn?: true;
  /** Attempts whose edited inputs apply, in their order. */
  inputsOf?: number[];
  /** As `goesOn` of a task whose workflow keeps its steps: those that do not run again. */
  earlier?: string[];
  /** As `inputsOf` of such a task: inputs that somebody has edited, by instance. */
  inputs?: Record<string, Record<string, unknown>>;
}

export interface FollowRunnerInput extends AttemptInput {
  runner: { name: string; uid: string };
  /** The follower keeps the steps in the record, by the right of this epoch; without it, it reports them to the workflow. */
  epoch?: number;
}

export interface RunnerEnd {
  verdict?: RunnerVerdict;
  exitCode?: number;
  restarts: number;
  /** The steps, where the follower was given the right to record them. */
  summary?: StepSummary;
  /** All steps, where it was not. */
  steps?: StepProgress[];
  fault?: FaultReport;
}

export interface RunnerActivities {
  createRunner(input: CreateRunnerInput): Promise<{ name: string; uid: string }>;
  /** Follows the runner to its end; when the task is cancelled, stops it first and reads its log to the end. */
  followRunner(input: FollowRunnerInput): Promise<RunnerEnd>;
  /** Keeps what the components of a held environment print, until it is cancelled. */
  followHeld(input: AttemptInput): Promise<void>;
  /** Waits until a task has ended; one that was terminated counts as stopped. */
  awaitTask(input: { taskId: string }): Promise<{ state: TaskState; outcome?: Outcome }>;
  /** Stops what still runs of a lost task and reads its logs to their ends; its steps go to the record. Answers with none. */
  drainLogs(input: LostTask): Promise<StepProgress[]>;
}

export interface CleanupActivities {
  /**
   * Removes what this Temporal run made, or what the named run made. After the task has waited too long for an engine (`engineAway`)
   * it does not wait again: the run is a debt then.
   */
  cleanUp(input: { testId: string; runId?: string; engineAway?: boolean }): Promise<CleanupDebt[]>;
  /** Removes what settled tasks still have: debts, and what came to light after their cleanup. */
  tidyUp(): Promise<void>;
  /** Removes objects of this installation that no task needs. */
  removeOrphans(): Promise<void>;
  /** Removes what is older than it is to be kept: logs, tasks, deliveries, builds. */
  removeExpired(): Promise<void>;
}
