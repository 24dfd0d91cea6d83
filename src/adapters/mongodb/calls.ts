import { unreachable } from '../../model/answers-soon.ts';
import { storeError } from './failures.ts';

/** Milliseconds after which nobody waits for an answer any more: a connection that closes at a bad moment never gives one. */
const longestMs = 120_000;

/** The calls of repositories that are under way: each ends, with the fault `unavailable` where MongoDB cannot be reached. */
export class Calls {
  readonly #pending = new Map<(error: Error) => void, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs = longestMs) {
    this.#timer = setInterval(() => {
      const begun = performance.now() - limitMs;
      for (const [end, at] of this.#pending) if (at < begun) end(unreachable(new Error(`no answer in ${limitMs} ms`)));
    }, limitMs / 10).unref();
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#pending.set(reject, performance.now());
    call().then(resolve, (error) => reject(storeError(error)));
    try {
      return await promise;
    } finally {
      this.#pending.delete(reject);
    }
  }

  /** Ends what is under way: its connection is given up. */
  endAll(cause: Error): void {
    for (const end of this.#pending.keys()) end(unreachable(cause));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
