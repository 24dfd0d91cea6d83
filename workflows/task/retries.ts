import type { RetryBudgets, RetryLimits } from '../../src/model/attempt.ts';
import { type FaultReport, faultCatalogue } from '../../src/model/fault.ts';

/** What a task of before there were budgets has. */
const usual: RetryLimits = { test: 0, infrastructure: 5 };

/** How many more attempts a test gets by itself: after faults of the infrastructure, and after failures of its own. */
export class Retries {
  readonly #used: RetryLimits = { test: 0, infrastructure: 0 };
  readonly #of: RetryLimits;

  constructor(limits: RetryLimits = usual) {
    this.#of = limits;
  }

  /** Whether there is one more after this fault, which counts then; never where the same would happen again. */
  take({ code }: FaultReport): boolean {
    const { outcome, retryable } = faultCatalogue[code];
    const isTest = outcome === 'test' || code === 'step_timeout';
    const kind = isTest ? 'test' : 'infrastructure';
    if (!(isTest || retryable) || this.#used[kind] >= this.#of[kind]) return false;
    this.#used[kind] += 1;
    return true;
  }

  get budgets(): RetryBudgets {
    const [used, of] = [this.#used, this.#of];
    return {
      test: { used: used.test, of: of.test },
      infrastructure: { used: used.infrastructure, of: of.infrastructure },
    };
  }
}
