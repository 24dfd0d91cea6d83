import { boundFault } from '../../model/bound-fault.ts';
import { Fault, type FaultReport } from '../../model/fault.ts';
import type { LogPosition } from '../../model/log.ts';
import type { Marker } from '../../model/marker.ts';
import {
  progressOf,
  type StepGrant,
  type StepRecord,
  type StepStore,
  type StepWriter,
} from '../../model/ports/steps.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { StepProgress } from '../../model/step.ts';
import { planned, type StepSummary, sumUp } from '../../model/step-summary.ts';
import type { StepWait } from '../../model/waiting.ts';
import { grantSteps } from './grant-steps.ts';
import { advance, type Progress } from './progress.ts';

export interface LedgerPorts {
  steps: StepStore;
  run: RunIdentity;
  /** The right that its workflow gave to this follower. */
  writer: Omit<StepWriter, 'runId'>;
  /** Whether this Temporal run is the task's current one; asked where another run has the right. */
  isCurrent(): Promise<boolean>;
  /** The names of the flow's steps, in its order. */
  order: readonly string[];
  /** Told after every change of all steps that are known, in the order in which they began. */
  onProgress(steps: StepProgress[]): void;
  /** Told after every change what steps wait for. */
  onStepWaits?(waits: readonly StepWait[]): void;
  /** Told when the steps cannot be written. */
  fail(error: unknown): void;
}

/** Milliseconds between two writings while little changes, and changed steps that are not written until then. */
const writeInterval = 1000;
const maxChanged = 50;

type PositionSteps = Pick<LogPosition, 'step' | 'verdict' | 'waits'> &
  Required<Pick<LogPosition, 'steps' | 'begun' | 'over'>>;

/**
 * The steps of an attempt as its follower knows them, and as it writes them to their records. A log's position has the steps
 * that are not written yet: what a follower that is killed has not written, the next one finds there.
 */
export class StepLedger {
  readonly #ports: LedgerPorts;
  readonly #grant: StepGrant;
  #progress: Progress = { steps: [] };
  #records = new Map<string, StepRecord>();
  /** Newer than in the store. */
  #changed = new Map<string, StepRecord>();
  #begun = 0;
  #over = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(ports: LedgerPorts, grant: StepGrant) {
    this.#ports = ports;
    this.#grant = grant;
  }

  /** Takes the right to write. Throws `conflict` when somebody later has it. */
  static async open(ports: LedgerPorts): Promise<StepLedger> {
    const { steps, run, writer, isCurrent } = ports;
    const { taskId, attempt, runId } = run;
    const grant = await grantSteps(steps, { taskId, attempt, writer: { ...writer, runId } }, isCurrent);
    if (!grant) throw superseded(run);
    return new StepLedger(ports, grant);
  }

  /** The step whose lines come next. */
  get step(): string | undefined {
    return this.#progress.step;
  }

  get steps(): StepProgress[] {
    return this.#progress.steps;
  }

  summary(failedStep?: string): StepSummary {
    const order = this.#ports.order.map((instance) => ({ instance }));
    return sumUp(planned(order, this.steps), failedStep);
  }

  /** Begins anew from a position of the log: with what is on record, and with what only the position has. */
  async resume({ step, verdict, waits, steps = [], begun, over }: LogPosition): Promise<void> {
    const { taskId, attempt, runId } = this.#ports.run;
    await this.#writing;
    const stored = await this.#ports.steps.read(taskId, attempt);
    const known = new Map((stored?.runId === runId ? stored.steps : []).map((one) => [one.instance, one]));
    // A release that has not counted has all of the steps in the position.
    const counted = begun === undefined ? steps.map((one, index) => ({ ...one, begun: index })) : steps;
    const newer = over === undefined ? countOver(counted) : counted;
    for (const one of newer) known.set(one.instance, { ...known.get(one.instance), ...one });
    this.#records = new Map([...known].sort(([, one], [, other]) => orderOf(one) - orderOf(other)));
    this.#changed = new Map(newer.map((one) => [one.instance, one]));
    this.#begun = begun ?? newer.length;
    this.#over = over ?? newer.filter((one) => 'over' in one).length;
    const all = [...this.#records.values()].map(progressOf);
    this.#progress = {
      ...(step !== undefined && { step }),
      steps: all,
      ...(verdict && { verdict }),
      ...(waits && { waits }),
    };
    this.#ports.onProgress(all);
    this.#ports.onStepWaits?.(waits ?? []);
  }

  /** Takes one more marker; answers with what the log's position has to say from then on. */
  async take(marker: Marker): Promise<PositionSteps> {
    const before = this.#progress;
    this.#progress = advance(before, marker);
    if (this.#progress.steps !== before.steps) {
      for (const [index, step] of this.#progress.steps.entries()) {
        if (step !== before.steps[index]) this.#change(step);
      }
      this.#ports.onProgress(this.#progress.steps);
      if (this.#changed.size > maxChanged) await this.#write();
      else this.#writeSoon();
    }
    const { step, verdict, waits } = this.#progress;
    if (waits !== before.waits) this.#ports.onStepWaits?.(waits ?? []);
    const steps = [...this.#changed.values()];
    const counts = { begun: this.#begun, over: this.#over };
    return {
      ...(step !== undefined && { step }),
      steps,
      ...counts,
      ...(verdict && { verdict }),
      ...(waits && { waits }),
    };
  }

  /** The run is over: a step that was still running failed by the fault, or was canceled. Writes all that is not written. */
  async end(fault: FaultReport | undefined): Promise<void> {
    this.revise((step) => {
      if (step.state !== 'running') return step;
      return fault ? { ...step, state: 'error', error: fault } : { ...step, state: 'canceled' };
    });
    this.#ports.onProgress(this.steps);
    await this.#write();
  }

  /** Changes steps by more than their log tells; `end` writes it. */
  revise(change: (step: StepProgress) => StepProgress): void {
    const revised = this.steps.map(change);
    for (const [index, step] of revised.entries()) if (step !== this.steps[index]) this.#change(step);
    this.#progress = { ...this.#progress, steps: revised };
  }

  /** Lets go of the right without writing: what is not written is in the log's position. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #change(step: StepProgress): void {
    const { instance, state, error } = step;
    const before = this.#records.get(instance);
    const record: StepRecord = { ...step, ...(error && { error: boundFault(error) }) };
    // What the record is ahead of the log with is counted again as it was.
    const hasBegun = before?.begun !== undefined && before.begun < this.#begun;
    record.begun = hasBegun ? before.begun : this.#begun;
    if (!hasBegun) this.#begun += 1;
    if (isOver(state)) {
      const wasOver = before?.over !== undefined && before.over < this.#over;
      record.over = wasOver ? before.over : this.#over;
      if (!wasOver) this.#over += 1;
    }
    this.#records.set(instance, record);
    this.#changed.set(instance, record);
  }

  /** The first change at once, and then at most one writing a second. */
  #writeSoon(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#changed.size > 0) this.#writeSoon();
    }, writeInterval);
    this.#write().catch(this.#ports.fail);
  }

  #write(): Promise<void> {
    const written = this.#writing.then(async () => {
      const batch = [...this.#changed.values()];
      if (!(await this.#ports.steps.write(this.#grant, batch))) throw superseded(this.#ports.run);
      for (const one of batch) if (this.#changed.get(one.instance) === one) this.#changed.delete(one.instance);
    });
    this.#writing = written.catch(() => undefined); // Who waits for it hears of it.
    return written;
  }
}

function superseded({ taskId, attempt }: RunIdentity): Fault {
  return new Fault('conflict', `attempt ${attempt} of task ${taskId} is followed by a later follower`);
}

function isOver(state: StepProgress['state']): boolean {
  return state === 'success' || state === 'error' || state === 'skipped';
}

function countOver(steps: readonly StepRecord[]): StepRecord[] {
  let over = 0;
  return steps.map((step) => (isOver(step.state) ? { ...step, over: over++ } : step));
}

/** Steps that an attempt has from the one before come first. */
function orderOf({ begun = -1 }: StepRecord): number {
  return begun;
}
