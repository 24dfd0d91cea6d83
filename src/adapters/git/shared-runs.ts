interface Run {
  result: Promise<void>;
  waiters: number;
  abort: AbortController;
}

/**
 * Coalesces calls: one run at a time, and all calls made during a run share the next one. Each call gets a run that began after
 * it; a hundred calls at once make at most two runs. A run is aborted when all its callers have aborted.
 */
export class SharedRuns {
  #running: Promise<unknown> = Promise.resolve();
  #next: Run | undefined;
  readonly #work: (signal: AbortSignal) => Promise<void>;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#next ??= this.#queue();
    const run = this.#next;
    run.waiters += 1;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      run.waiters -= 1;
      if (run.waiters === 0) {
        run.abort.abort();
        if (this.#next === run) this.#next = undefined;
      }
      aborted.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([run.result, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #queue(): Run {
    const abort = new AbortController();
    const result = this.#running.then(async () => {
      if (this.#next?.abort === abort) this.#next = undefined;
      if (!abort.signal.aborted) await this.#work(abort.signal);
    });
    // Only the callers of this run see its failure; the next run begins anyway.
    this.#running = result.catch(() => undefined);
    return { result, waiters: 0, abort };
  }
}
