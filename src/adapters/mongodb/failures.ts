import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { mongoUnavailable } from '../../model/mongo-timeout.ts';

/**
 * Codes of a server that stops or is not the primary: ShutdownInProgress, InterruptedAtShutdown, NotWritablePrimary,
 * PrimarySteppedDown and similar ones (MongoDB, Retryable Writes specification, "retryable error").
 */
const retryableCodes = new Set<unknown>([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Tells whether an error means that MongoDB is unreachable, so that a retry may succeed. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  return isCutOff(error) || isOfSocket(error) || (error instanceof MongoServerError && retryableCodes.has(error.code));
}

/** Converts the error of an unreachable MongoDB to `unavailable`. Returns other errors unchanged. */
export function storeError(error: unknown): unknown {
  return isUnreachable(error) ? mongoUnavailable(error) : error;
}

/** Codes of Node's errors of a connection that breaks while it is written to or read, which the driver passes on. */
const socketCodes = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ECONNREFUSED', 'ENOTCONN', 'ETIMEDOUT']);

function isOfSocket(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && socketCodes.has(error.code);
}

/**
 * Tells whether a bulk write got no answer, so that its result is unknown: the driver then throws an error without a
 * code and without write errors.
 */
export function isCutOff(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  return error.code === undefined && error.err === undefined && [error.writeErrors].flat().length === 0;
}
