import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Fault } from '../../model/fault.ts';

/** Time limit for a call of Temporal. */
const defaultTimeoutMs = 10_000;
/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED of a rate limit, and UNAVAILABLE (grpc/grpc doc/statuscodes.md). */
const unavailableCodes = [4, 8, 14];

/** Tells whether Temporal, or the worker it waited for, did not answer in time. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && unavailableCodes.includes(Number(cause.code));
}

/** Returns a function that runs a call of the client with a deadline of 10 s. Throws `unavailable` when it is not answered. */
export function createDeadline(client: Client) {
  const withTimeout = createTimeout(client);
  return <T>(call: () => Promise<T>): Promise<T> => withTimeout(defaultTimeoutMs, call);
}

/** Returns a function that runs a call of the client with a given timeout. Throws `unavailable` when it is not answered. */
export function createTimeout(client: Client) {
  return async <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + timeoutMs, call);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      throw new Fault('unavailable', 'Temporal does not answer', { hint: 'see /readyz', cause: error });
    }
  };
}
