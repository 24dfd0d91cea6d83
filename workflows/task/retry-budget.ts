import type { RetryBudgets, RetryLimits } from '../../src/model/attempt.ts';
import { type FaultReport, faultCatalogue } from '../../src/model/fault.ts';

/** Limits of tasks that were started before retry budgets existed. */
const defaultLimits: RetryLimits = { test: 0, infrastructure: 5 };

/** Budgets of automatic retries: after infrastructure faults, and after failures of the test. */
export class Retries {
  readonly #used: RetryLimits = { test: 0, infrastructure: 0 };
  readonly #limits: RetryLimits;

  constructor(limits: RetryLimits = defaultLimits) {
    this.#limits = limits;
  }

  /**
   * Returns true and counts a retry when the budget of a fault allows one; always false for a fault that a retry cannot
   * fix.
   */
  take({ code }: FaultReport): boolean {
    const { outcome, retryable } = faultCatalogue[code];
    const isTest = outcome === 'test' || code === 'step_timeout';
    const kind = isTest ? 'test' : 'infrastructure';
    if (!(isTest || retryable) || this.#used[kind] >= this.#limits[kind]) return false;
    this.#used[kind] += 1;
    return true;
  }

  get budgets(): RetryBudgets {
    const [used, limits] = [this.#used, this.#limits];
    return {
      test: { used: used.test, of: limits.test },
      infrastructure: { used: used.infrastructure, of: limits.infrastructure },
    };
  }
}
