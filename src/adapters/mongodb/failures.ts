import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { Fault } from '../../model/fault.ts';

/**
 * Codes of a server that stops, or is not the primary (any more): ShutdownInProgress, InterruptedAtShutdown,
 * NotWritablePrimary, PrimarySteppedDown and their like (MongoDB, Retryable Writes specification, "retryable error").
 */
const passing = new Set<unknown>([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** True for an error that says that MongoDB cannot be reached, so that the same may succeed later. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  return isCutOff(error) || isEnded(error) || (error instanceof MongoServerError && passing.has(error.code));
}

/** True for Node's own error of a socket that its server has ended: the driver passes it on where it writes just then. */
function isEnded(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPIPE';
}

/**
 * True for a bulk write of which nobody knows what was written, as no answer came: the driver then makes an error without
 * a code and without write errors of whatever it was.
 */
export function isCutOff(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  return error.code === undefined && error.err === undefined && [error.writeErrors].flat().length === 0;
}

/** The fault for a MongoDB that cannot be reached; names no address, as that may hold a password. */
export function unreachable(cause: unknown): Fault {
  return new Fault('unavailable', 'MongoDB does not answer', { hint: 'see that it runs, and MONGODB_URI', cause });
}

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
