import { Fault } from './fault.ts';

/** How long the first question of a request waits for MongoDB, in milliseconds, where who asks is told at once. */
const answerTimeoutMs = 2000;

/** What MongoDB answers. Throws `unavailable` when that takes over 2 s: of questions only, as it is not cancelled. */
export async function answersSoon<T>(question: Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  const late = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () => reject(unreachable(timeout.reason)), { once: true });
  });
  return Promise.race([question, late]);
}

/** The fault for a MongoDB that cannot be reached; names no address, as that may hold a password. */
export function unreachable(cause: unknown): Fault {
  return new Fault('unavailable', 'MongoDB does not answer', { hint: 'see that it runs, and MONGODB_URI', cause });
}
