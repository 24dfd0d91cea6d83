import type { OnWaits, RuntimeWait, StepWait } from '../../model/waiting.ts';

/** Merges the waits of a run that its runtime observes and the waits of its steps that the runner reports. */
export class RunWaits {
  readonly #onWaits: OnWaits | undefined;
  #runtimeWaits: readonly RuntimeWait[] = [];
  #stepWaits: readonly RuntimeWait[] = [];

  constructor(onWaits: OnWaits | undefined) {
    this.#onWaits = onWaits;
  }

  /** Sets the waits that the runtime observes. */
  readonly setRuntimeWaits: OnWaits = (waits) => {
    this.#runtimeWaits = waits;
    this.#notify();
  };

  /** Sets the waits of steps by the runner's last marker. */
  readonly setStepWaits = (waits: readonly StepWait[]): void => {
    this.#stepWaits = waits.map(({ instance: _instance, ...wait }) => wait);
    this.#notify();
  };

  #notify(): void {
    this.#onWaits?.([...this.#runtimeWaits, ...this.#stepWaits]);
  }
}
