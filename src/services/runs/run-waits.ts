import type { OnWaits, RuntimeWait, StepWait } from '../../model/waiting.ts';

/** Joins what a run's runtime sees that it waits for, and what its runner says that its steps wait for. */
export class RunWaits {
  readonly #onWaits: OnWaits | undefined;
  #ofRuntime: readonly RuntimeWait[] = [];
  #ofSteps: readonly RuntimeWait[] = [];

  constructor(onWaits: OnWaits | undefined) {
    this.#onWaits = onWaits;
  }

  /** Shows what the runtime sees at this look. */
  readonly showRuntime: OnWaits = (waits) => {
    this.#ofRuntime = waits;
    this.#show();
  };

  /** Shows what steps wait for since the runner's last marker. */
  readonly showSteps = (waits: readonly StepWait[]): void => {
    this.#ofSteps = waits.map(({ instance: _instance, ...wait }) => wait);
    this.#show();
  };

  #show(): void {
    this.#onWaits?.([...this.#ofRuntime, ...this.#ofSteps]);
  }
}
