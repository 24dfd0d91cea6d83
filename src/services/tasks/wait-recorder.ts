import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { WaitStore } from '../../model/ports/waits.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { RecordedWait, RuntimeWait } from '../../model/waiting.ts';

/** Milliseconds before a wait is recorded, and between two writes: most starts take less and write nothing. */
const settleMs = 2000;

export interface WaitPorts {
  tasks: WaitStore;
  log: Logger;
  /** Time that a task waits for an unreachable engine. */
  settings: { engineTimeoutMs: number };
}

type Known = RecordedWait & { seenAt: number };

/**
 * Records the waits of an attempt when they change, and ends the wait for an unreachable engine. The limit covers consecutive
 * activities together, as the start of a wait is on record.
 */
export class WaitRecorder {
  /** Aborted with the Fault `engine_timeout`. */
  readonly signal: AbortSignal;
  readonly #ports: WaitPorts;
  readonly #run: RunIdentity;
  readonly #over = new AbortController();
  #known: Map<string, Known>;
  #recorded: string;
  #pause: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(ports: WaitPorts, run: RunIdentity, known: readonly RecordedWait[]) {
    this.#ports = ports;
    this.#run = run;
    this.#known = new Map(known.map((wait) => [keyOf(wait), { ...wait, seenAt: 0 }]));
    this.#recorded = JSON.stringify(known);
    this.signal = this.#over.signal;
  }

  /** Reads the recorded waits, unless `isFirst` tells that this run cannot have any yet. */
  static async open(ports: WaitPorts, run: RunIdentity, isFirst: boolean): Promise<WaitRecorder> {
    return new WaitRecorder(ports, run, isFirst ? [] : (await ports.tasks.waits(run.taskId)).waits);
  }

  /** Sets the current waits. */
  readonly update = (waits: readonly RuntimeWait[]): void => {
    const now = Date.now();
    this.#known = new Map(
      waits.map((wait) => {
        const known = this.#known.get(keyOf(wait));
        const since = known?.since ?? wait.since ?? new Date(now).toISOString();
        return [keyOf(wait), { ...wait, since, seenAt: known?.seenAt ?? now }];
      }),
    );
    this.#limitEngine();
    // The end of a wait is recorded at once.
    if (waits.length === 0 || this.#pause === undefined) this.#record();
  };

  /** Stops the timers and awaits pending writes. */
  async close(): Promise<void> {
    clearTimeout(this.#pause);
    clearTimeout(this.#limit);
    await this.#writing;
  }

  #record(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    const lasting = [...this.#known.values()].filter(({ seenAt }) => Date.now() - seenAt >= settleMs).sort(byUrgency);
    const waits = lasting.map(({ seenAt: _seenAt, ...wait }): RecordedWait => wait);
    const text = JSON.stringify(waits);
    const hasChanged = text !== this.#recorded;
    if (hasChanged) this.#write(waits);
    this.#recorded = text;
    if (!hasChanged && lasting.length === this.#known.size) return;
    this.#pause = setTimeout(() => this.#record(), settleMs);
  }

  #write(waits: readonly RecordedWait[]): void {
    const { tasks, log } = this.#ports;
    const { taskId } = this.#run;
    this.#writing = this.#writing
      .then(async () => {
        await tasks.recordWaits(taskId, this.#run, waits);
      })
      // For display only: the task goes on.
      .catch((error: unknown) => log.warn({ err: error, taskId }, 'cannot record the waits of a task'));
  }

  #limitEngine(): void {
    clearTimeout(this.#limit);
    const outage = [...this.#known.values()].find(({ reason }) => reason === 'engine_unavailable');
    if (!outage) return;
    const { engineTimeoutMs } = this.#ports.settings;
    const left = Date.parse(outage.since) + engineTimeoutMs - Date.now();
    this.#limit = setTimeout(() => this.#over.abort(engineTimeout(engineTimeoutMs, outage.message)), Math.max(0, left));
  }
}

/** Orders waits: for the engine first, then the runner's, then by age. */
function byUrgency(one: RecordedWait, other: RecordedWait): number {
  const rank = ({ reason, pod }: RecordedWait): number =>
    reason === 'engine_unavailable' ? 0 : pod?.role === 'runner' ? 1 : 2;
  return rank(one) - rank(other) || one.since.localeCompare(other.since);
}

/** Returns the identity of a wait; a recreated pod has a new one. */
function keyOf({ reason, source = '', pod }: RuntimeWait): string {
  return [reason, source, pod?.uid ?? ''].join(' ');
}

function engineTimeout(timeoutMs: number, last: string): Fault {
  return new Fault('engine_timeout', `the engine or cluster did not answer for ${timeoutMs / 1000} s: ${last}`, {
    hint: 'check that it runs and that the worker reaches it; ENGINE_TIMEOUT_SECONDS limits this wait',
  });
}
