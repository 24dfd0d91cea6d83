/** Limits of restarts with exponential backoff. */
export interface RestartLimits {
  /** Maximum number of exits within `windowMs`. */
  maxExits: number;
  windowMs: number;
  /** Pause before the first restart; doubles with each restart within the window, up to `maxPauseMs`. */
  firstPauseMs: number;
  maxPauseMs: number;
}

/** A healthy server is back within seconds; six exits in five minutes mean that it will not stay up. */
export const defaultRestartLimits: RestartLimits = {
  maxExits: 5,
  windowMs: 5 * 60_000,
  firstPauseMs: 250,
  maxPauseMs: 15_000,
};

/** Counts exits within a time window and computes the pause before each restart. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  #ends: number[] = [];

  constructor(limits: RestartLimits = defaultRestartLimits) {
    this.#limits = limits;
  }

  /** Records an exit at `now`. Returns the pause before the restart (ms), or undefined when the budget is used up. */
  take(now: number): number | undefined {
    const { maxExits, windowMs, firstPauseMs, maxPauseMs } = this.#limits;
    this.#ends = [...this.#ends.filter((at) => now - at < windowMs), now];
    if (this.#ends.length > maxExits) return undefined;
    return Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#ends.length - 1));
  }

  /** Number of exits within the window. */
  get exits(): number {
    return this.#ends.length;
  }
}
