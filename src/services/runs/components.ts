import type { ContainerState } from '../../model/engine/runtime.ts';
import type { RunIdentity } from '../../model/run.ts';
import { copyLog, type TakeLine } from '../logs/collect/copy-log.ts';
import { noteEnd } from './component-ends.ts';
import type { FollowPorts } from './ports.ts';

/** Copies the logs of a run's other containers, each from when it is first shown. */
export class Components {
  readonly #ports: FollowPorts;
  readonly #run: RunIdentity;
  readonly #signal: AbortSignal;
  readonly #fail: (error: unknown) => void;
  readonly #draining = new AbortController();
  readonly #states = new Map<string, ContainerState>();
  /** The last copying of each stream, after which the next one may begin. */
  readonly #copies = new Map<string, Promise<void>>();

  /** `fail` is told what goes wrong, once per copying; `signal` ends all. */
  constructor(ports: FollowPorts, run: RunIdentity, signal: AbortSignal, fail: (error: unknown) => void) {
    this.#ports = ports;
    this.#run = run;
    this.#signal = signal;
    this.#fail = fail;
  }

  /** A component as it is now; every change is a reason to look at its log again. */
  show(state: ContainerState): void {
    this.#states.set(state.streamId, state);
    const earlier = this.#copies.get(state.streamId) ?? Promise.resolve();
    this.#copies.set(state.streamId, earlier.then(() => this.#copy(state)).catch(this.#fail));
  }

  /** Copies what the logs have now, and follows them no longer: the run is over, its components are not. */
  async drain(): Promise<void> {
    this.#draining.abort();
    for (const state of this.#states.values()) this.show(state);
    await this.settled();
  }

  /** Resolves when nothing is being copied. */
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
    await copyLog(this.#ports, { run: this.#run, container, follow, begin: () => takeAsItIs }, signal);
    const state = this.#states.get(container.streamId) ?? container;
    if (!this.#signal.aborted) await noteEnd(this.#ports.logs, state);
  }
}

const takeAsItIs: TakeLine = (line, writer) => writer.add(line);
