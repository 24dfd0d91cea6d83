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
import { failedStep, keptSteps } from '../../src/model/failed-steps.ts';
import { type FaultReport, faultCatalogue } from '../../src/model/fault.ts';
import type { Versions } from '../../src/model/job.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { StepProgress } from '../../src/model/step.ts';
import { planned, type StepSummary, sumUp } from '../../src/model/step-summary.ts';
import type { ComponentImage } from '../../src/model/task.ts';
import type { RetryRequest } from '../../src/model/task-messages.ts';
import type { TaskState } from '../../src/model/task-state.ts';
import { changedVersion, type EventTrigger, isEvent, joinTriggers, type TaskTrigger } from '../../src/model/trigger.ts';
import { type AttemptNow, Attempts } from './attempts.ts';
import { Retries } from './retries.ts';
import type { TaskImages } from './task-images.ts';

/** Outcomes of a test that failed by one of its steps. */
const holdable: readonly (Outcome | undefined)[] = ['test', 'timeout', 'configuration'];

/** State of one run of a task. The workflow changes it; what it holds is what gets projected. */
export class TaskRun {
  state: TaskState = 'init';
  outcome: Outcome | undefined;
  error: FaultReport | undefined;
  readonly attempts: Attempts;
  retries = new Retries();
  /** The current attempt's, once it was created. */
  runner: { name: string; uid: string } | undefined;
  images: TaskImages | undefined;
  /** Attempts whose edited inputs apply. */
  inputsOf: number[] = [];
  /** Inputs that somebody has edited, by instance; only of a run that keeps its steps. */
  inputs: Record<string, Record<string, unknown>> = {};
  /** When the environment of a held run goes, in milliseconds since 1970. */
  heldUntil: number | undefined;
  /** What somebody wants of a held run. */
  answer: RetryRequest | 'release' | undefined;
  /** Steps that have succeeded in an attempt before, in the same environment. */
  #earlier: readonly StepProgress[] = [];
  steps: StepProgress[] = [];
  /** What the follower of the current attempt has told of its steps. */
  summary: StepSummary | undefined;
  components: ComponentImage[] = [];
  /** The builds that have ended of those that this run joined, by id. */
  readonly builds = new Map<string, BuildEnd>();
  testId: string | undefined;
  /** Something may exist that has to be removed: creating it was at least tried. */
  mayHaveObjects = false;
  /** The flow's steps, of a run that keeps them: an earlier release has begun it. Of any other, their followers do. */
  #order: { instance: string; needs?: string[] }[] | undefined;
  #epoch = 0;
  #stepsChanged = false;
  /** Of a task that waits: the entity has let it begin. */
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

  /** One more event that this task is for, while it waits. */
  join(event: EventTrigger): void {
    if (isEvent(this.trigger)) this.trigger = joinTriggers(this.trigger, event);
    for (const component of this.wanted) this.want(component, changedVersion(event, component.repo));
  }

  /** Another version of a component, unless it is undefined. */
  want(component: TaskComponent, version: string | undefined): void {
    if (version === undefined) return;
    component.version = version;
    this.versions = { ...this.versions, [component.plugin]: version };
  }

  /** A projection of `patch` that is later than every one before it. */
  projection(patch: ProjectInput['patch']): ProjectInput {
    this.#epoch += 1;
    return { taskId: this.taskId, epoch: this.#epoch, patch };
  }

  plan(plan: TaskPlan): void {
    this.testId = plan.testId;
    this.attempts.number = plan.attempt ?? this.attempt;
    this.wanted = plan.components;
    this.versions = plan.versions;
    this.#order = plan.instances?.map((instance) => {
      const needs = plan.needs?.[instance];
      return needs ? { instance, needs } : { instance };
    });
    this.report([]);
  }

  get keepsSteps(): boolean {
    return this.#order !== undefined;
  }

  /** The right of the next follower to record steps, later than all that was recorded before. */
  grantSteps(): { epoch?: number } {
    if (this.keepsSteps) return {};
    this.#epoch += 1;
    return { epoch: this.#epoch };
  }

  /** What the next runner is to know of attempts before it. */
  get forRunner(): Pick<CreateRunnerInput, 'goesOn' | 'inputsOf' | 'earlier' | 'inputs'> {
    const goesOn = this.attempts.origin.from !== undefined;
    if (this.keepsSteps) return { ...(goesOn && { earlier: this.earlier }), inputs: this.inputs };
    return { ...(goesOn && { goesOn: true }), ...(this.inputsOf.length > 0 && { inputsOf: this.inputsOf }) };
  }

  get attempt(): number {
    return this.attempts.number;
  }

  /** After a fault that a budget lets it survive: a new runner, which begins from the first step. */
  nextAttempt(error: FaultReport, at: string): void {
    const { outcome } = faultCatalogue[error.code];
    this.#endSteps(error);
    this.attempts.next({}, { ...this.#attemptNow(), state: 'error', outcome, error }, at);
    this.#renew([]);
  }

  /** An attempt that somebody wants of a held run. */
  retry(request: RetryRequest, at: string): void {
    const now = this.#attemptNow();
    if (request.from === 'failed') {
      const { input, by } = request;
      const from = this.failedStep?.instance ?? '';
      if (input) this.inputs = { ...this.inputs, [from]: input };
      this.attempts.next({ from, ...(input && { input }), by }, now, at);
      if (input) this.inputsOf = [...this.inputsOf, this.attempt];
      this.#renew(this.#order ? keptSteps(this.#order, this.steps) : []);
      this.state = 'running';
    } else {
      const { versions, by } = request;
      if (versions === 'locked') this.#lock();
      this.components = [];
      this.images = undefined;
      this.inputs = {};
      this.inputsOf = [];
      this.attempts.next({ versions, by }, now, at);
      this.#renew([]);
      this.state = 'init';
    }
  }

  /** Wants the commits and images that this run has. */
  #lock(): void {
    const found = new Map(this.components.map((component) => [component.plugin, component]));
    this.wanted = this.wanted.map(({ tagPattern: _pattern, ...component }) => {
      const { commit, digest } = found.get(component.plugin) ?? {};
      return commit === undefined ? component : { ...component, locked: { commit, ...(digest && { digest }) } };
    });
  }

  #renew(earlier: readonly StepProgress[]): void {
    this.runner = undefined;
    this.error = undefined;
    this.outcome = undefined;
    this.heldUntil = undefined;
    this.answer = undefined;
    this.summary = undefined;
    this.#earlier = earlier;
    this.report([]);
  }

  /** The step by which the test has failed: the one that failed first, or ran when the test was stopped. */
  get failedStep(): StepProgress | undefined {
    return failedStep(this.summary?.failed ?? this.steps, this.error);
  }

  /** Steps that do not run again. */
  get earlier(): string[] {
    return this.#earlier.map(({ instance }) => instance);
  }

  /** Its environment lives, and a step of the test, not the infrastructure, is why it has failed. */
  get mayBeHeld(): boolean {
    const lives = this.runner !== undefined || this.attempts.origin.from !== undefined;
    return lives && this.failedStep !== undefined && holdable.includes(this.outcome);
  }

  get isHeld(): boolean {
    return this.heldUntil !== undefined && this.answer === undefined;
  }

  hold(until: number): void {
    this.heldUntil = until;
    this.state = 'held';
  }

  /** Nobody wants it any more: it is settled as the failure that it was. */
  endHold(): void {
    this.heldUntil = undefined;
    this.state = 'error';
  }

  /** The record of the current attempt, and those of attempts that have ended since it was taken last. */
  takeAttempts(): AttemptEntry[] {
    return this.attempts.take(this.#attemptNow());
  }

  #attemptNow(): AttemptNow {
    return {
      state: this.state === 'held' ? 'error' : this.state,
      ...(this.outcome && { outcome: this.outcome }),
      ...(this.error && { error: this.error }),
      ...(this.runner && { podName: this.runner.name }),
      ...this.#reported,
    };
  }

  get judged(): boolean {
    return this.state === 'success' || this.error !== undefined;
  }

  /** Steps that a worker of an earlier release has reported, or a run keeps: others are on record. */
  get #reported(): { steps?: StepProgress[] } {
    return this.keepsSteps || this.steps.length > 0 ? { steps: this.steps } : {};
  }

  /** The follower knows the steps that have begun or were skipped; the others are still to come, or between them. */
  report(known: readonly StepProgress[]): void {
    this.steps = planned(this.#order ?? [], [...this.#earlier, ...known]);
    this.#stepsChanged = true;
  }

  get stepsChanged(): boolean {
    return this.#stepsChanged;
  }

  /** Steps to project, once a change. */
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

  /** Where the infrastructure kept the runner from being followed to its end, a step that ran has ended with it. */
  #endSteps(error: FaultReport): void {
    if (faultCatalogue[error.code].outcome !== 'infrastructure') return;
    this.steps = this.steps.map((step) => (step.state === 'running' ? { ...step, state: 'error', error } : step));
  }

  /** The retry of a step could not begin, as with an input whose secret is not there: that is a failure of the step. */
  failRetry(error: FaultReport): void {
    const instance = this.attempts.origin.from ?? '';
    const failed: StepProgress = { instance, state: 'error', error };
    if (this.keepsSteps) this.report([failed]);
    else this.summary = sumUp([failed]);
    this.fail({ ...error, where: { step: instance, ...error.where } });
  }

  /** What the end of the runner says of the steps. */
  hear({ summary, steps = [] }: RunnerEnd): void {
    this.summary = summary;
    if (!summary && steps.length > 0) this.report(steps);
  }

  /** Judges the end of the runner: by its own verdict, and where a foreign image gave none, by its exit code. */
  judge(end: RunnerEnd): void {
    this.hear(end);
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

/** Whether a failed step is the one that the verdict is about, as others may have failed after it. */
function isFirst(instance: string, { verdict }: RunnerEnd): boolean {
  return verdict?.failedStep === undefined || verdict.failedStep === instance;
}
