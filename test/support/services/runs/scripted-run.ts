import type { ContainerState, RawLine, RunnerRef, Runtime } from '../../../../src/model/engine/runtime.ts';
import { Fault } from '../../../../src/model/fault.ts';
import { parseMarker } from '../../../../src/model/marker.ts';
import { createSigner } from '../../../../src/model/marker-signature.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import type { UndeletedObject } from '../../../../src/model/task.ts';
import { compareTimestamps } from '../../../../src/services/logs/timestamps.ts';

export const mark = 'mark-of-the-attempt';

/** One container of a scripted runner: its lines and its end. Without an end it runs until it is stopped. */
export interface ScriptedContainer {
  lines: RawLine[];
  end?: { exitCode: number; outOfMemory?: boolean };
  /** Prints the lines unchanged. Otherwise markers are signed by a key of this container, as a runner does. */
  isVerbatim?: true;
}

interface Scripted {
  state: ContainerState;
  lines: RawLine[];
}

/** Returns the line of a marker, as the runner prints it. */
export function marker(brightbird: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ brightbird, mark, at: '2026-11-23T10:00:00.000Z', ...fields });
}

/** Returns the lines with signed markers, as a runner prints them. */
export function signed(printed: readonly RawLine[], sign = createSigner()): RawLine[] {
  return printed.map((line) => {
    const start = Math.max(line.text.indexOf('{"brightbird":'), 0);
    const known = line.kind === 'out' ? parseMarker(line.text.slice(start), mark) : undefined;
    return known ? { ...line, text: `${line.text.slice(0, start)}${sign(known)}` } : line;
  });
}

/** Returns a timestamp with nine fraction digits, `nanoseconds` after ten o'clock. */
export function timestampAt(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const time = new Date(Date.UTC(2026, 10, 23, 10) + seconds * 1000).toISOString().slice(0, 19);
  return `${time}.${String(nanoseconds % 1e9).padStart(9, '0')}Z`;
}

/** Returns lines a millisecond apart from a second on; a text without a kind is printed to stdout. */
export function lines(second: number, texts: readonly (string | [kind: 'out' | 'err', text: string])[]): RawLine[] {
  return texts.map((text, index) => {
    const [kind, content] = typeof text === 'string' ? (['out', text] as const) : text;
    return { at: timestampAt(second * 1e9 + index * 1e6), kind, text: content };
  });
}

/**
 * Simulates a run without an engine: a runner with one scripted container per restart, and components. Keeps the contract of
 * src/model/engine/runtime.ts, and ends containers on demand, which a real engine does not.
 */
export class ScriptedRun {
  readonly run: RunIdentity;
  readonly runner: RunnerRef = { name: 'test-runner', uid: 'runner-container' };
  /** Number of starts of the runner. */
  starts = 0;
  stops = 0;
  /** Exit code of a stopped runner. */
  stopCode = 143;
  readonly #lives: readonly ScriptedContainer[];
  readonly #containers = new Map<string, Scripted>();
  #vanished: Fault | undefined;
  #turn = Promise.withResolvers<void>();

  constructor(taskId: string, lives: readonly ScriptedContainer[]) {
    this.run = {
      taskId,
      testId: 'abcd1234',
      attempt: 1,
      workflowId: `task/${taskId}`,
      runId: 'run',
      installation: 'here',
    };
    this.#lives = lives;
    this.#containers.set('runner-container', { state: this.#state('runner', 'runner-container'), lines: [] });
    void this.#live();
  }

  /** Prints to the log of a component or of `runner`. The first line creates the component. */
  print(component: string, printed: RawLine[], more: Partial<ContainerState> = {}): void {
    const id = `${component}-container`;
    const found = this.#containers.get(id) ?? { state: { ...this.#state(component, id), ...more }, lines: [] };
    found.lines.push(...printed);
    this.#containers.set(id, found);
    this.#change();
  }

  /** Ends the container of a component. */
  endComponent(component: string, end: Partial<ContainerState> = {}): void {
    const found = this.#containers.get(`${component}-container`);
    if (found) found.state = { ...found.state, running: false, finishedAt: timestampAt(9e12), exitCode: 0, ...end };
    this.#change();
  }

  remove(component: string): void {
    this.#containers.delete(`${component}-container`);
    this.#change();
  }

  vanish(): void {
    this.#vanished = new Fault('runner_vanished', 'the runner no longer exists');
    this.#containers.clear();
    this.#change();
  }

  /** Removes the first lines of a container's log from the engine. */
  cut(container: string, count: number): void {
    this.#containers.get(container)?.lines.splice(0, count);
  }

  readonly runtime: Runtime = {
    kind: 'docker',
    createRunner: async () => this.runner,
    watch: (_run, signal) => this.#watch(signal),
    readLog: ({ containerId }, since, signal, { follow = true } = {}) =>
      this.#readLog(containerId, since, signal, follow),
    restart: async (_runner, finishedAt) => {
      const state = this.#runnerState();
      if (state.running || state.finishedAt !== finishedAt) return;
      void this.#live();
    },
    stop: async () => {
      this.stops += 1;
      if (this.#runnerState().running) this.#end({ exitCode: this.stopCode });
    },
    cleanup: async (): Promise<UndeletedObject[]> => [],
    listObjects: async () =>
      [...this.#containers.values()].map(({ state: { name, containerId: uid } }) => ({
        ...{ kind: 'container', name, uid, labels: {} },
      })),
    listAllObjects: async () => [],
  };

  #state(source: string, containerId: string): ContainerState {
    const role = source === 'runner' ? 'runner' : 'component';
    // Unique for each task, as container ids of engines are.
    const streamId = `${this.run.taskId}/${containerId}`;
    return { streamId, containerId, name: source, source, role, running: true, startedAt: timestampAt(0) };
  }

  #runnerState(): ContainerState {
    const runner = this.#containers.get('runner-container');
    if (!runner) throw this.#vanished ?? new Error('no runner');
    return runner.state;
  }

  #setRunner(state: ContainerState): void {
    const runner = this.#containers.get('runner-container');
    if (runner) runner.state = state;
    this.#change();
  }

  /** Runs the next container, a few lines at a time. */
  async #live(): Promise<void> {
    const life = this.#lives[this.starts];
    this.starts += 1;
    if (!life) throw new Error(`the runner was started ${this.starts} times`);
    const { finishedAt: _finishedAt, exitCode: _exitCode, ...state } = this.#runnerState();
    this.#setRunner({ ...state, running: true, startedAt: timestampAt(this.starts) });
    const printed = life.isVerbatim ? life.lines : signed(life.lines);
    for (let from = 0; from < printed.length; from += 3) {
      this.#containers.get('runner-container')?.lines.push(...printed.slice(from, from + 3));
      this.#change();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (life.end && this.#runnerState().running) this.#end(life.end);
  }

  #end(end: { exitCode: number; outOfMemory?: boolean }): void {
    this.#setRunner({ ...this.#runnerState(), running: false, finishedAt: timestampAt(this.starts * 1e12), ...end });
  }

  #change(): void {
    this.#turn.resolve();
    this.#turn = Promise.withResolvers();
  }

  async #changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal.addEventListener('abort', abort);
    await Promise.race([this.#turn.promise, aborted.promise]);
    signal.removeEventListener('abort', abort);
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<ContainerState> {
    const shown = new Map<string, ContainerState>();
    while (!signal.aborted) {
      if (this.#vanished) throw this.#vanished;
      const turn = this.#changed(signal);
      for (const { state } of [...this.#containers.values()]) {
        if (shown.get(state.containerId) === state) continue;
        shown.set(state.containerId, state);
        yield state;
      }
      await turn;
    }
  }

  async *#readLog(
    id: string,
    since: string | undefined,
    signal: AbortSignal,
    follow: boolean,
  ): AsyncGenerator<RawLine[]> {
    for (let next = 0, isDrained = false; !signal.aborted; ) {
      const turn = this.#changed(signal);
      const container = this.#containers.get(id);
      if (!container) return;
      const ended = !container.state.running;
      const batch = container.lines
        .slice(next)
        .filter(({ at }) => since === undefined || compareTimestamps(at, since) >= 0);
      next = container.lines.length;
      if (batch.length > 0) yield batch;
      else if (!isDrained) {
        isDrained = true;
        yield [];
      } else if (!follow || ended) return;
      else await turn;
    }
  }
}
