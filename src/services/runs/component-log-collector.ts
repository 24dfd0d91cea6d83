import type { ContainerState } from '../../model/engine/runtime.ts';
import type { RunIdentity } from '../../model/run.ts';
import { copyLog, type LineHandler } from '../logs/collect/copy-log.ts';
import { noteContainerEnd } from './component-ends.ts';
import type { SuperviseRunPorts } from './ports.ts';

/** Collects the logs of a run's components, each from its first update on. */
export class ComponentLogCollector {
  readonly #ports: SuperviseRunPorts;
  readonly #run: RunIdentity;
  readonly #signal: AbortSignal;
  readonly #fail: (error: unknown) => void;
  readonly #draining = new AbortController();
  readonly #states = new Map<string, ContainerState>();
  /** Newest copy of each stream, after which the next one may begin. */
  readonly #copies = new Map<string, Promise<void>>();

  /** Calls `fail` with the error of a copy; `signal` ends all copies. */
  constructor(ports: SuperviseRunPorts, run: RunIdentity, signal: AbortSignal, fail: (error: unknown) => void) {
    this.#ports = ports;
    this.#run = run;
    this.#signal = signal;
    this.#fail = fail;
  }

  /** Updates the state of a component and copies its log again. */
  update(state: ContainerState): void {
    this.#states.set(state.streamId, state);
    const earlier = this.#copies.get(state.streamId) ?? Promise.resolve();
    this.#copies.set(state.streamId, earlier.then(() => this.#copy(state)).catch(this.#fail));
  }

  /** Copies the current logs and stops following them: the run is over, while its components still run. */
  async drain(): Promise<void> {
    this.#draining.abort();
    for (const state of this.#states.values()) this.update(state);
    await this.settled();
  }

  /** Resolves when no copy is in progress. */
  async settled(): Promise<void> {
    let waited: Promise<void>[] = [];
    for (;;) {
      const copies = [...this.#copies.values()];
      if (copies.every((copy) => waited.includes(copy))) return;
      await Promise.all(copies);
      waited = copies;
    }
  }

  async #copy(container: ContainerState): Promise<void> {
    if (this.#signal.aborted) return;
    const follow = !this.#draining.signal.aborted;
    const signal = follow ? AbortSignal.any([this.#signal, this.#draining.signal]) : this.#signal;
    await copyLog(this.#ports, { run: this.#run, container, follow, begin: () => addLine }, signal);
    const state = this.#states.get(container.streamId) ?? container;
    if (!this.#signal.aborted) await noteContainerEnd(this.#ports.logs, state);
  }
}

const addLine: LineHandler = (line, writer) => writer.add(line);
