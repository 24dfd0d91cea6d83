import { MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { Fault } from '../model/fault.ts';

/** True for an error that says that MongoDB cannot be reached, so that the same may succeed later. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof MongoServerSelectionError || error instanceof MongoNetworkError;
}

/** The fault for a MongoDB that cannot be reached; names no address, as that may hold a password. */
export function unreachable(cause: unknown): Fault {
  return new Fault('unavailable', 'MongoDB does not answer', { hint: 'see that it runs, and MONGODB_URI', cause });
}
