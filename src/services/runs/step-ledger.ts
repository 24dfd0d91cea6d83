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
import { addPendingSteps, type StepSummary, summarizeSteps } from '../../model/step-summary.ts';
import { truncateFault } from '../../model/truncate-fault.ts';
import type { StepWait } from '../../model/waiting.ts';
import { grantSteps } from './grant-steps.ts';
import { advance, type Progress } from './progress.ts';

export interface LedgerPorts {
  steps: StepStore;
  run: RunIdentity;
  /** Writer that the workflow has assigned to this follower. */
  writer: Omit<StepWriter, 'runId'>;
  /** Returns whether this Temporal run is the task's current one; called if another run has the grant. */
  isCurrent(): Promise<boolean>;
  /** Instance names of the flow's steps, in order. */
  order: readonly string[];
  /** Called after every change with all known steps, in the order of their begin. */
  onProgress(steps: StepProgress[]): void;
  /** Called after every change with the waits of steps. */
  onStepWaits?(waits: readonly StepWait[]): void;
  /** Called when the steps cannot be written. */
  fail(error: unknown): void;
}

/** Milliseconds between two writes, and number of unwritten steps beyond which they are written at once. */
const writeIntervalMs = 1000;
const maxUnwritten = 50;

type PositionSteps = Pick<LogPosition, 'step' | 'verdict' | 'waits'> &
  Required<Pick<LogPosition, 'steps' | 'begun' | 'over'>>;

/**
 * Tracks the steps of an attempt for its follower, and writes them to their records. A log's position has the unwritten steps:
 * after a follower was killed, the next one reads them there.
 */
export class StepLedger {
  readonly #ports: LedgerPorts;
  readonly #grant: StepGrant;
  #progress: Progress = { steps: [] };
  #records = new Map<string, StepRecord>();
  /** Records that are newer than in the store. */
  #changed = new Map<string, StepRecord>();
  #begun = 0;
  #over = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(ports: LedgerPorts, grant: StepGrant) {
    this.#ports = ports;
    this.#grant = grant;
  }

  /** Acquires the grant to write. Throws `conflict` when a later follower has it. */
  static async open(ports: LedgerPorts): Promise<StepLedger> {
    const { steps, run, writer, isCurrent } = ports;
    const { taskId, attempt, runId } = run;
    const grant = await grantSteps(steps, { taskId, attempt, writer: { ...writer, runId } }, isCurrent);
    if (!grant) throw superseded(run);
    return new StepLedger(ports, grant);
  }

  /** Step of the next lines. */
  get step(): string | undefined {
    return this.#progress.step;
  }

  get steps(): StepProgress[] {
    return this.#progress.steps;
  }

  summary(failedStep?: string): StepSummary {
    const order = this.#ports.order.map((instance) => ({ instance }));
    return summarizeSteps(addPendingSteps(order, this.steps), failedStep);
  }

  /** Restores the state at a position of the log, from the records and from the steps that only the position has. */
  async resume({ step, verdict, waits, steps = [], begun, over }: LogPosition): Promise<void> {
    const { taskId, attempt, runId } = this.#ports.run;
    await this.#writing;
    const stored = await this.#ports.steps.read(taskId, attempt);
    const known = new Map((stored?.runId === runId ? stored.steps : []).map((one) => [one.instance, one]));
    // Positions of releases without counters have all steps.
    const counted = begun === undefined ? steps.map((one, index) => ({ ...one, begun: index })) : steps;
    const newer = over === undefined ? countOver(counted) : counted;
    for (const one of newer) known.set(one.instance, { ...known.get(one.instance), ...one });
    this.#records = new Map([...known].sort(([, one], [, other]) => sortKey(one) - sortKey(other)));
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

  /** Applies a marker, and returns the fields of the log's position after it. */
  async take(marker: Marker): Promise<PositionSteps> {
    const before = this.#progress;
    this.#progress = advance(before, marker);
    if (this.#progress.steps !== before.steps) {
      for (const [index, step] of this.#progress.steps.entries()) {
        if (step !== before.steps[index]) this.#change(step);
      }
      this.#ports.onProgress(this.#progress.steps);
      if (this.#changed.size > maxUnwritten) await this.#write();
      else this.#scheduleWrite();
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

  /** Ends the run: running steps fail by the fault, or are canceled. Writes all unwritten steps. */
  async end(fault: FaultReport | undefined): Promise<void> {
    this.revise((step) => {
      if (step.state !== 'running') return step;
      return fault ? { ...step, state: 'error', error: fault } : { ...step, state: 'canceled' };
    });
    this.#ports.onProgress(this.steps);
    await this.#write();
  }

  /** Changes steps by information that is not in their log; `end` writes them. */
  revise(change: (step: StepProgress) => StepProgress): void {
    const revised = this.steps.map(change);
    for (const [index, step] of revised.entries()) if (step !== this.steps[index]) this.#change(step);
    this.#progress = { ...this.#progress, steps: revised };
  }

  /** Stops writing: unwritten steps are in the log's position. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #change(step: StepProgress): void {
    const { instance, state, error } = step;
    const before = this.#records.get(instance);
    const record: StepRecord = { ...step, ...(error && { error: truncateFault(error) }) };
    // A record that is ahead of the log keeps its ordinals when the log is read again.
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

  /** Writes the first change at once, and then at most once a second. */
  #scheduleWrite(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#changed.size > 0) this.#scheduleWrite();
    }, writeIntervalMs);
    this.#write().catch(this.#ports.fail);
  }

  #write(): Promise<void> {
    const written = this.#writing.then(async () => {
      const batch = [...this.#changed.values()];
      if (!(await this.#ports.steps.write(this.#grant, batch))) throw superseded(this.#ports.run);
      for (const one of batch) if (this.#changed.get(one.instance) === one) this.#changed.delete(one.instance);
    });
    this.#writing = written.catch(() => undefined); // Reported to the caller.
    return written;
  }
}

function superseded({ taskId, attempt }: RunIdentity): Fault {
  return new Fault('conflict', `attempt ${attempt} of task ${taskId} has a later follower`);
}

function isOver(state: StepProgress['state']): boolean {
  return state === 'success' || state === 'error' || state === 'skipped';
}

function countOver(steps: readonly StepRecord[]): StepRecord[] {
  let over = 0;
  return steps.map((step) => (isOver(step.state) ? { ...step, over: over++ } : step));
}

/** Returns the sort key; steps kept from the previous attempt come first. */
function sortKey({ begun = -1 }: StepRecord): number {
  return begun;
}
