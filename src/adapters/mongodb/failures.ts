import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { unreachable } from '../../model/answers-soon.ts';

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

/** The error of an operation as repositories throw it: `unavailable` where MongoDB cannot be reached, any other as it is. */
export function storeError(error: unknown): unknown {
  return isUnreachable(error) ? unreachable(error) : error;
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
