import type { ContainerState } from '../../model/engine/runtime.ts';
import { LatestValue } from '../logs/collect/latest-value.ts';

/**
 * Latest state of each container of the runner, oldest first: a cluster restarts a runner as a new container. A container that
 * was replaced without an observed end is dropped.
 */
export class RunnerContainers {
  readonly #all = new LatestValue<readonly ContainerState[]>();

  update(state: ContainerState): void {
    const all = this.#all.value ?? [];
    const index = all.findIndex(({ streamId }) => streamId === state.streamId);
    this.#all.set(index < 0 ? [...all.filter(({ running }) => !running), state] : all.with(index, state));
  }

  /** Newest container; undefined before the first update. */
  get newest(): ContainerState | undefined {
    return this.#all.value?.at(-1);
  }

  /** Resolves with the first container that matches `wanted`, once one exists. Throws the signal's reason. */
  async until(wanted: (state: ContainerState) => boolean, signal: AbortSignal): Promise<ContainerState> {
    const all = await this.#all.until((states) => states.some(wanted), signal);
    const found = all.find(wanted);
    if (!found) throw new Error('a value was replaced while it was looked at');
    return found;
  }
}
