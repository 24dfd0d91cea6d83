import { mongoUnavailable } from '../../model/mongo-timeout.ts';
import { storeError } from './failures.ts';

/** Default time limit of a call: a connection that closes at a bad moment never answers. */
const defaultTimeoutMs = 120_000;

/** Pending calls of repositories. Each ends, with the fault `unavailable` when MongoDB is unreachable or times out. */
export class PendingCalls {
  readonly #pending = new Map<(error: Error) => void, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs = defaultTimeoutMs) {
    this.#timer = setInterval(() => {
      const oldest = performance.now() - timeoutMs;
      for (const [end, startedAt] of this.#pending) {
        if (startedAt < oldest) end(mongoUnavailable(new Error(`no answer within ${timeoutMs} ms`)));
      }
    }, timeoutMs / 10).unref();
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

  /** Fails all pending calls, as their connection is replaced. */
  endAll(cause: Error): void {
    for (const end of this.#pending.keys()) end(mongoUnavailable(cause));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
