import type { ContainerState } from '../../model/engine/runtime.ts';
import { Latest } from '../logs/collect/latest.ts';

/**
 * The containers of a runner, each as it is now, in the order of their lives: where a cluster starts it again, it is another
 * container each time. One that was followed by another without an end that anybody saw is forgotten.
 */
export class Lives {
  readonly #all = new Latest<readonly ContainerState[]>();

  show(state: ContainerState): void {
    const all = this.#all.value ?? [];
    const index = all.findIndex(({ streamId }) => streamId === state.streamId);
    this.#all.set(index < 0 ? [...all.filter(({ running }) => !running), state] : all.with(index, state));
  }

  /** The one that began last; undefined while nothing is known. */
  get newest(): ContainerState | undefined {
    return this.#all.value?.at(-1);
  }

  /** The first that is as wanted, once there is one. Throws the signal's reason. */
  async until(wanted: (state: ContainerState) => boolean, signal: AbortSignal): Promise<ContainerState> {
    const all = await this.#all.until((states) => states.some(wanted), signal);
    const found = all.find(wanted);
    if (!found) throw new Error('a value was replaced while it was looked at');
    return found;
  }
}
