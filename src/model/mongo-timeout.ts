import { Fault } from './fault.ts';

/** Limit of the first query of a request, in milliseconds: the client gets an error instead of waiting. */
const answerTimeoutMs = 2000;

/** Returns the result of a query. Throws `unavailable` after 2 s. Only for reads, because the query is not cancelled. */
export async function withMongoTimeout<T>(query: Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  const late = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () => reject(mongoUnavailable(timeout.reason)), { once: true });
  });
  return Promise.race([query, late]);
}

/** Returns the fault for an unreachable MongoDB, without the address, which may contain a password. */
export function mongoUnavailable(cause: unknown): Fault {
  return new Fault('unavailable', 'MongoDB does not answer', { hint: 'check that it runs, and MONGODB_URI', cause });
}
