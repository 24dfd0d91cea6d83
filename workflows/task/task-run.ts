import type {
  CreateRunnerInput,
  ProjectInput,
  RunnerEnd,
  TaskComponent,
  TaskInput,
  TaskPlan,
} from '../../src/model/activities.ts';
import type { AttemptEntry } from '../../src/model/attempt.ts';
import type { BuildEnd } from '../../src/model/build.ts';
import { findFailedStep, selectReusableSteps } from '../../src/model/failed-steps.ts';
import { type FaultReport, faultCatalogue } from '../../src/model/fault.ts';
import type { Versions } from '../../src/model/job.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { addPendingSteps, type StepSummary, summarizeSteps } from '../../src/model/step-summary.ts';
import type { ComponentImage } from '../../src/model/task.ts';
import type { RetryRequest } from '../../src/model/task-messages.ts';
import type { TaskState } from '../../src/model/task-state.ts';
import {
  changedVersion,
  type EventTrigger,
  isEventTrigger,
  mergeTriggers,
  type TaskTrigger,
} from '../../src/model/trigger.ts';
import { type AttemptStatus, Attempts } from './attempts.ts';
import { lockComponents } from './lock-components.ts';
import { Retries } from './retry-budget.ts';
import type { TaskImages } from './task-images.ts';

/** Outcomes of a test that failed because of one of its steps. */
const holdable: readonly (Outcome | undefined)[] = ['test', 'timeout', 'configuration'];

/** State of one run of a task. The workflow changes it and projects it to the record. */
export class TaskRun {
  state: TaskState = 'init';
  outcome: Outcome | undefined;
  error: FaultReport | undefined;
  readonly attempts: Attempts;
  retries = new Retries();
  /** Runner of the current attempt, once it is created. */
  runner: { name: string; uid: string } | undefined;
  images: TaskImages | undefined;
  /** Attempts whose edited inputs apply. */
  inputsOf: number[] = [];
  /** Edited inputs by instance; only of a run that keeps its steps. */
  inputs: Record<string, Record<string, unknown>> = {};
  /** End of the hold, in milliseconds since 1970. */
  heldUntil: number | undefined;
  /** Request of a user to a held run. */
  holdDecision: RetryRequest | 'release' | undefined;
  /** Steps that succeeded in an earlier attempt in the same environment. */
  #earlier: readonly StepProgress[] = [];
  steps: StepProgress[] = [];
  /** Summary of the steps from the follower of the current attempt. */
  summary: StepSummary | undefined;
  components: ComponentImage[] = [];
  /** Ended builds among those that this run joined, by id. */
  readonly builds = new Map<string, BuildEnd>();
  testId: string | undefined;
  /** Whether a runner may exist that has to be removed: its creation was at least tried. */
  mayHaveObjects = false;
  /** Steps of the flow; only of a run that keeps its steps, as an earlier release has started it. */
  #order: { instance: string; needs?: string[] }[] | undefined;
  #epoch = 0;
  #stepsChanged = false;
  /** Whether the entity has let a waiting task begin. */
  mayBegin = false;
  trigger: TaskTrigger;
  wanted: TaskComponent[] = [];
  versions: Versions = {};
  readonly taskId: string;
  readonly jobId: string;

  constructor({ jobId, number, trigger, retry }: TaskInput) {
    this.taskId = `${jobId}-${number}`;
    this.jobId = jobId;
    this.trigger = trigger;
    this.attempts = new Attempts(retry?.attempt ?? 1, retry ? { versions: retry.versions, by: retry.by } : {});
  }

  /** Adds an event to a waiting task. */
  addEvent(event: EventTrigger): void {
    if (isEventTrigger(this.trigger)) this.trigger = mergeTriggers(this.trigger, event);
    for (const component of this.wanted) this.setVersion(component, changedVersion(event, component.repo));
  }

  /** Sets the version of a component, unless it is undefined. */
  setVersion(component: TaskComponent, version: string | undefined): void {
    if (version === undefined) return;
    component.version = version;
    this.versions = { ...this.versions, [component.plugin]: version };
  }

  /** Returns a projection of `patch` with the next epoch. */
  projection(patch: ProjectInput['patch']): ProjectInput {
    this.#epoch += 1;
    return { taskId: this.taskId, epoch: this.#epoch, patch };
  }

  applyPlan(plan: TaskPlan): void {
    this.testId = plan.testId;
    this.attempts.number = plan.attempt ?? this.attempt;
    this.wanted = plan.components;
    this.versions = plan.versions;
    this.#order = plan.instances?.map((instance) => {
      const needs = plan.needs?.[instance];
      return needs ? { instance, needs } : { instance };
    });
    this.reportSteps([]);
  }

  get keepsSteps(): boolean {
    return this.#order !== undefined;
  }

  /** Returns the epoch with which the next follower may record steps. */
  nextFollowerEpoch(): { epoch?: number } {
    if (this.keepsSteps) return {};
    this.#epoch += 1;
    return { epoch: this.#epoch };
  }

  /** Input of the next runner about earlier attempts. */
  get earlierAttempts(): Pick<CreateRunnerInput, 'goesOn' | 'inputsOf' | 'earlier' | 'inputs'> {
    const goesOn = this.attempts.origin.from !== undefined;
    if (this.keepsSteps) return { ...(goesOn && { earlier: this.earlierSteps }), inputs: this.inputs };
    return { ...(goesOn && { goesOn: true }), ...(this.inputsOf.length > 0 && { inputsOf: this.inputsOf }) };
  }

  get attempt(): number {
    return this.attempts.number;
  }

  /** Begins the next attempt after a retryable fault, from the first step in a new runner. */
  nextAttempt(error: FaultReport, at: string): void {
    const { outcome } = faultCatalogue[error.code];
    this.#endSteps(error);
    this.attempts.next({}, { ...this.#attemptNow(), state: 'error', outcome, error }, at);
    this.#renew([]);
  }

  /** Begins an attempt that a user requested of a held run. */
  retry(request: RetryRequest, at: string): void {
    const now = this.#attemptNow();
    if (request.from === 'failed') {
      const { input, by } = request;
      const from = this.failedStep?.instance ?? '';
      if (input) this.inputs = { ...this.inputs, [from]: input };
      this.attempts.next({ from, input, by }, now, at);
      if (input) this.inputsOf = [...this.inputsOf, this.attempt];
      this.#renew(this.#order ? selectReusableSteps(this.#order, this.steps) : []);
      this.state = 'running';
    } else {
      const { versions, by } = request;
      if (versions === 'locked') this.wanted = lockComponents(this.wanted, this.components);
      this.components = [];
      this.images = undefined;
      this.inputs = {};
      this.inputsOf = [];
      this.attempts.next({ versions, by }, now, at);
      this.#renew([]);
      this.state = 'init';
    }
  }

  #renew(earlier: readonly StepProgress[]): void {
    this.runner = undefined;
    this.error = undefined;
    this.outcome = undefined;
    this.heldUntil = undefined;
    this.holdDecision = undefined;
    this.summary = undefined;
    this.#earlier = earlier;
    this.reportSteps([]);
  }

  /** Step that made the test fail: the first failed one, or the one that ran when the test was stopped. */
  get failedStep(): StepProgress | undefined {
    return findFailedStep(this.summary?.failed ?? this.steps, this.error);
  }

  /** Instances of the steps that do not run again. */
  get earlierSteps(): string[] {
    return this.#earlier.map(({ instance }) => instance);
  }

  /** Whether the environment exists and the test failed because of a step, not of the infrastructure. */
  get mayBeHeld(): boolean {
    const hasEnvironment = this.runner !== undefined || this.attempts.origin.from !== undefined;
    return hasEnvironment && this.failedStep !== undefined && holdable.includes(this.outcome);
  }

  get isHeld(): boolean {
    return this.heldUntil !== undefined && this.holdDecision === undefined;
  }

  hold(until: number): void {
    this.heldUntil = until;
    this.state = 'held';
  }

  /** Ends the hold: the run is settled with its failure. */
  endHold(): void {
    this.heldUntil = undefined;
    this.state = 'error';
  }

  /** Returns the record of the current attempt, and those of attempts that have ended since the last call. */
  takeAttempts(): AttemptEntry[] {
    return this.attempts.take(this.#attemptNow());
  }

  #attemptNow(): AttemptStatus {
    return {
      state: this.state === 'held' ? 'error' : this.state,
      outcome: this.outcome,
      error: this.error,
      podName: this.runner?.name,
      ...this.#reported,
    };
  }

  get hasVerdict(): boolean {
    return this.state === 'success' || this.error !== undefined;
  }

  /** Steps that the run keeps, or that a worker of an earlier release has reported. */
  get #reported(): { steps?: StepProgress[] } {
    return this.keepsSteps || this.steps.length > 0 ? { steps: this.steps } : {};
  }

  /** Merges the steps that the follower knows as begun or skipped with the planned ones. */
  reportSteps(known: readonly StepProgress[]): void {
    this.steps = addPendingSteps(this.#order ?? [], [...this.#earlier, ...known]);
    this.#stepsChanged = true;
  }

  get stepsChanged(): boolean {
    return this.#stepsChanged;
  }

  /** Returns the steps to project, and clears the change flag. */
  takeSteps(): { steps?: StepProgress[] } {
    this.#stepsChanged = false;
    return this.#reported;
  }

  fail(error: FaultReport): void {
    this.error = error;
    this.outcome = faultCatalogue[error.code].outcome;
    this.#endSteps(error);
    this.state = this.outcome === 'stopped' ? 'canceled' : 'error';
  }

  /** Ends the running steps with an infrastructure fault, as their runner was not followed to its end. */
  #endSteps(error: FaultReport): void {
    if (faultCatalogue[error.code].outcome !== 'infrastructure') return;
    this.steps = this.steps.map((step) => (step.state === 'running' ? { ...step, state: 'error', error } : step));
  }

  /** Fails the step whose retry could not begin, for example because a secret of its input is missing. */
  failRetry(error: FaultReport): void {
    const instance = this.attempts.origin.from ?? '';
    const failed: StepProgress = { instance, state: 'error', error };
    if (this.keepsSteps) this.reportSteps([failed]);
    else this.summary = summarizeSteps([failed]);
    this.fail({ ...error, where: { step: instance, ...error.where } });
  }

  /** Takes over the steps from the end of the runner. */
  recordSteps({ summary, steps = [] }: RunnerEnd): void {
    this.summary = summary;
    if (!summary && steps.length > 0) this.reportSteps(steps);
  }

  /** Applies the verdict of the runner, or the exit code of a foreign image that gave no verdict. */
  applyRunnerEnd(end: RunnerEnd): void {
    this.recordSteps(end);
    const known = end.summary?.failed ?? end.steps ?? [];
    const failed = known.find(({ instance, state }) => state === 'error' && isFirst(instance, end));
    if (end.fault) this.fail(end.fault);
    else if (end.verdict?.state === 'success' || (!end.verdict && end.exitCode === 0)) this.state = 'success';
    else if (failed?.error) this.fail({ ...failed.error, where: { step: failed.instance, ...failed.error.where } });
    else {
      const code = end.exitCode === undefined ? 'without an exit code' : `with exit code ${end.exitCode}`;
      this.fail({ code: 'step_failed', message: `the runner ended ${code} and named no failed step` });
    }
  }
}

/** Returns true for the failed step of the verdict, as other steps may have failed after it. */
function isFirst(instance: string, { verdict }: RunnerEnd): boolean {
  return verdict?.failedStep === undefined || verdict.failedStep === instance;
}
