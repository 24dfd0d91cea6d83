/** How often something may end before it is given up, and how long each restart waits. Times in milliseconds. */
export interface RestartLimits {
  /** More ends than this within `windowMs` are too many. */
  maxEnds: number;
  windowMs: number;
  /** Before the first restart; doubled for each further one within the window, up to `maxPauseMs`. */
  firstPauseMs: number;
  maxPauseMs: number;
}

/** A server that comes up is back in seconds; one that ends six times within five minutes will not stay up. */
export const defaultRestartLimits: RestartLimits = {
  maxEnds: 5,
  windowMs: 5 * 60_000,
  firstPauseMs: 250,
  maxPauseMs: 15_000,
};

/** Counts the ends of something that is started again. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  #ends: number[] = [];

  constructor(limits: RestartLimits = defaultRestartLimits) {
    this.#limits = limits;
  }

  /** Takes note of an end at `now`; the pause before the restart, or undefined when there have been too many. */
  take(now: number): number | undefined {
    const { maxEnds, windowMs, firstPauseMs, maxPauseMs } = this.#limits;
    this.#ends = [...this.#ends.filter((at) => now - at < windowMs), now];
    if (this.#ends.length > maxEnds) return undefined;
    return Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#ends.length - 1));
  }

  /** Ends within the window. */
  get ends(): number {
    return this.#ends.length;
  }
}
