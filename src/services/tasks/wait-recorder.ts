import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { WaitStore } from '../../model/ports/waits.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { RecordedWait, RuntimeWait } from '../../model/waiting.ts';

/** Milliseconds that a wait lasts before it is recorded, and between two records: most starts take less, and write nothing. */
const settleMs = 2000;

export interface WaitPorts {
  tasks: WaitStore;
  log: Logger;
  /** How long a task waits for an engine that does not answer. */
  settings: { engineTimeoutMs: number };
}

type Known = RecordedWait & { seenAt: number };

/**
 * Records what an attempt waits for, when that changes, and ends the wait for an engine that does not answer: across all that
 * wait for it one after another, as the time since when is on record.
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

  /** `isFirst` says that nobody can have recorded a wait of this run before. */
  static async open(ports: WaitPorts, run: RunIdentity, isFirst: boolean): Promise<WaitRecorder> {
    return new WaitRecorder(ports, run, isFirst ? [] : (await ports.tasks.waits(run.taskId)).waits);
  }

  /** What is waited for now. */
  readonly show = (waits: readonly RuntimeWait[]): void => {
    const now = Date.now();
    this.#known = new Map(
      waits.map((wait) => {
        const known = this.#known.get(keyOf(wait));
        const since = known?.since ?? wait.since ?? new Date(now).toISOString();
        return [keyOf(wait), { ...wait, since, seenAt: known?.seenAt ?? now }];
      }),
    );
    this.#limitEngine();
    // What is over is told at once.
    if (waits.length === 0 || this.#pause === undefined) this.#record();
  };

  /** Writes what is left to write. */
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
    const changes = text !== this.#recorded;
    if (changes) this.#write(waits);
    this.#recorded = text;
    if (!changes && lasting.length === this.#known.size) return;
    this.#pause = setTimeout(() => this.#record(), settleMs);
  }

  #write(waits: readonly RecordedWait[]): void {
    const { tasks, log } = this.#ports;
    const { taskId } = this.#run;
    this.#writing = this.#writing
      .then(async () => {
        await tasks.recordWaits(taskId, this.#run, waits);
      })
      // It is shown, and nothing depends on it: the task goes on.
      .catch((error: unknown) => log.warn({ err: error, task: taskId }, 'what a task waits for cannot be recorded'));
  }

  #limitEngine(): void {
    clearTimeout(this.#limit);
    const away = [...this.#known.values()].find(({ reason }) => reason === 'engine_unavailable');
    if (!away) return;
    const { engineTimeoutMs } = this.#ports.settings;
    const left = Date.parse(away.since) + engineTimeoutMs - Date.now();
    this.#limit = setTimeout(() => this.#over.abort(engineTimeout(engineTimeoutMs, away.message)), Math.max(0, left));
  }
}

/** That of the engine first, then the runner's, then the one that lasts longest. */
function byUrgency(one: RecordedWait, other: RecordedWait): number {
  const rank = ({ reason, pod }: RecordedWait): number =>
    reason === 'engine_unavailable' ? 0 : pod?.role === 'runner' ? 1 : 2;
  return rank(one) - rank(other) || one.since.localeCompare(other.since);
}

/** A pod that is made again waits anew. */
function keyOf({ reason, source = '', pod }: RuntimeWait): string {
  return [reason, source, pod?.uid ?? ''].join(' ');
}

function engineTimeout(timeoutMs: number, last: string): Fault {
  return new Fault('engine_timeout', `the engine or cluster did not answer for ${timeoutMs / 1000} s: ${last}`, {
    hint: 'see that it runs and that the worker reaches it; ENGINE_TIMEOUT_SECONDS is how long a task waits for it',
  });
}
