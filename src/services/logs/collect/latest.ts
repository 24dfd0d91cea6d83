/** The newest of a series of values, for who waits for a certain one. */
export class Latest<T> {
  #value: T | undefined;
  readonly #waiting = new Set<() => void>();

  get value(): T | undefined {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const look of [...this.#waiting]) look();
  }

  /** The newest value once it is as wanted; values that were superseded before are not seen. Throws the signal's reason. */
  until(wanted: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener('abort', abort);
      };
      const look = (): void => {
        const value = this.#value;
        if (value === undefined || !wanted(value)) return;
        settle();
        resolve(value);
      };
      const abort = (): void => {
        settle();
        reject(signal.reason);
      };
      this.#waiting.add(look);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else look();
    });
  }
}
