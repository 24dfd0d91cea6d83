/** Shutdown steps of a program, run in reverse order. */
export class ShutdownSteps {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): this {
    this.#steps.push(step);
    return this;
  }

  /** Runs all steps even if one fails, then throws the first failure. */
  async runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
