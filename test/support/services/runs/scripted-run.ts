import type { ContainerState, RawLine, RunnerRef, Runtime } from '../../../../src/model/engine/runtime.ts';
import { Fault } from '../../../../src/model/fault.ts';
import { parseMarker } from '../../../../src/model/marker.ts';
import { createSigner } from '../../../../src/model/marker-signature.ts';
import type { RunIdentity } from '../../../../src/model/run.ts';
import type { CleanupDebt } from '../../../../src/model/task.ts';
import { compareStamps } from '../../../../src/services/logs/stamps.ts';

export const mark = 'mark-of-the-attempt';

/** One life of a scripted runner: what it prints, and how it ends; without an end it runs until it is stopped. */
export interface Life {
  lines: RawLine[];
  end?: { exitCode: number; outOfMemory?: boolean };
  /** Its lines are printed as they are. Otherwise its markers are signed by a key of this life, as a runner does. */
  isVerbatim?: true;
}

interface Scripted {
  state: ContainerState;
  lines: RawLine[];
}

/** A marker's line, as the runner prints it. */
export function marker(brightbird: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ brightbird, mark, at: '2026-11-23T10:00:00.000Z', ...fields });
}

/** The lines as a runner prints them that has just started: its markers are signed. */
export function signed(printed: readonly RawLine[], sign = createSigner()): RawLine[] {
  return printed.map((line) => {
    const start = Math.max(line.text.indexOf('{"brightbird":'), 0);
    const known = line.kind === 'out' ? parseMarker(line.text.slice(start), mark) : undefined;
    return known ? { ...line, text: `${line.text.slice(0, start)}${sign(known)}` } : line;
  });
}

/** A stamp of nine digits, `nanoseconds` after ten o'clock. */
export function stamp(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const time = new Date(Date.UTC(2026, 10, 23, 10) + seconds * 1000).toISOString().slice(0, 19);
  return `${time}.${String(nanoseconds % 1e9).padStart(9, '0')}Z`;
}

/** Lines with stamps a millisecond apart from a second on; texts alone print to stdout. */
export function lines(second: number, texts: readonly (string | [kind: 'out' | 'err', text: string])[]): RawLine[] {
  return texts.map((text, index) => {
    const [kind, content] = typeof text === 'string' ? (['out', text] as const) : text;
    return { at: stamp(second * 1e9 + index * 1e6), kind, text: content };
  });
}

/**
 * A run on no engine: a runner that goes from life to life as it is restarted, and components. It keeps the promises of
 * src/model/engine/runtime.ts and ends as told, for what a real engine does not do on demand.
 */
export class ScriptedRun {
  readonly run: RunIdentity;
  readonly runner: RunnerRef = { name: 'test-runner', uid: 'runner-container' };
  /** How often the runner was started. */
  starts = 0;
  stops = 0;
  /** The exit code of a runner that is stopped. */
  stopCode = 143;
  readonly #lives: readonly Life[];
  readonly #containers = new Map<string, Scripted>();
  #vanished: Fault | undefined;
  #turn = Promise.withResolvers<void>();

  constructor(taskId: string, lives: readonly Life[]) {
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

  /** Prints to a component's log, or to that of `runner`; the first line makes the component. */
  print(component: string, printed: RawLine[], more: Partial<ContainerState> = {}): void {
    const id = `${component}-container`;
    const found = this.#containers.get(id) ?? { state: { ...this.#state(component, id), ...more }, lines: [] };
    found.lines.push(...printed);
    this.#containers.set(id, found);
    this.#change();
  }

  /** The component's container ends. */
  endComponent(component: string, end: Partial<ContainerState> = {}): void {
    const found = this.#containers.get(`${component}-container`);
    if (found) found.state = { ...found.state, running: false, finishedAt: stamp(9e12), exitCode: 0, ...end };
    this.#change();
  }

  remove(component: string): void {
    this.#containers.delete(`${component}-container`);
    this.#change();
  }

  vanish(): void {
    this.#vanished = new Fault('runner_vanished', 'the runner does not exist any more');
    this.#containers.clear();
    this.#change();
  }

  /** The engine's log of a container is cut: its first lines are gone. */
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
    cleanup: async (): Promise<CleanupDebt[]> => [],
    objects: async () =>
      [...this.#containers.values()].map(({ state: { name, containerId: uid } }) => ({
        ...{ kind: 'container', name, uid, labels: {} },
      })),
    everything: async () => [],
  };

  #state(source: string, containerId: string): ContainerState {
    const role = source === 'runner' ? 'runner' : 'component';
    // Its own for each task, as engines number containers uniquely.
    const streamId = `${this.run.taskId}/${containerId}`;
    return { streamId, containerId, name: source, source, role, running: true, startedAt: stamp(0) };
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

  /** The next life, a few lines at a time. */
  async #live(): Promise<void> {
    const life = this.#lives[this.starts];
    this.starts += 1;
    if (!life) throw new Error(`the runner was started ${this.starts} times`);
    const { finishedAt: _finishedAt, exitCode: _exitCode, ...state } = this.#runnerState();
    this.#setRunner({ ...state, running: true, startedAt: stamp(this.starts) });
    const printed = life.isVerbatim ? life.lines : signed(life.lines);
    for (let from = 0; from < printed.length; from += 3) {
      this.#containers.get('runner-container')?.lines.push(...printed.slice(from, from + 3));
      this.#change();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (life.end && this.#runnerState().running) this.#end(life.end);
  }

  #end(end: { exitCode: number; outOfMemory?: boolean }): void {
    this.#setRunner({ ...this.#runnerState(), running: false, finishedAt: stamp(this.starts * 1e12), ...end });
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
    for (let next = 0, told = false; !signal.aborted; ) {
      const turn = this.#changed(signal);
      const container = this.#containers.get(id);
      if (!container) return;
      const ended = !container.state.running;
      const batch = container.lines
        .slice(next)
        .filter(({ at }) => since === undefined || compareStamps(at, since) >= 0);
      next = container.lines.length;
      if (batch.length > 0) yield batch;
      else if (!told) {
        told = true;
        yield [];
      } else if (!follow || ended) return;
      else await turn;
    }
  }
}
