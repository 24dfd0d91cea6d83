/** Holds the newest of a series of values, and lets callers wait for a certain one. */
export class LatestValue<T> {
  #value: T | undefined;
  readonly #waiting = new Set<() => void>();

  get value(): T | undefined {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves with the newest value once it matches `wanted`; superseded values are not seen. Throws the signal's reason. */
  until(wanted: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(check);
        signal.removeEventListener('abort', abort);
      };
      const check = (): void => {
        const value = this.#value;
        if (value === undefined || !wanted(value)) return;
        settle();
        resolve(value);
      };
      const abort = (): void => {
        settle();
        reject(signal.reason);
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else check();
    });
  }
}
