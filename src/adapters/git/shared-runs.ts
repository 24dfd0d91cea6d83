interface Run {
  result: Promise<void>;
  waiting: number;
  abort: AbortController;
}

/**
 * Does the same work one run at a time. Who asks while one runs shares the next, so that each gets a run that began after
 * it asked, and a hundred who ask together make two. A run is aborted when all who wait for it have given up.
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
    run.waiting += 1;
    const gone = Promise.withResolvers<never>();
    const leave = (): void => {
      run.waiting -= 1;
      if (run.waiting === 0) {
        run.abort.abort();
        if (this.#next === run) this.#next = undefined;
      }
      gone.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([run.result, gone.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #queue(): Run {
    const abort = new AbortController();
    const result = this.#running.then(async () => {
      if (this.#next?.abort === abort) this.#next = undefined;
      if (!abort.signal.aborted) await this.#work(abort.signal);
    });
    // A failure belongs to those who wait for this run; the next one begins all the same.
    this.#running = result.catch(() => undefined);
    return { result, waiting: 0, abort };
  }
}
