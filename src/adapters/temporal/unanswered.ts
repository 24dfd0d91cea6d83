import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Fault } from '../../model/fault.ts';

/** How long a call waits for Temporal, in milliseconds. */
const callWithin = 10_000;
/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED of a rate limit, and UNAVAILABLE (grpc/grpc doc/statuscodes.md). */
const unanswered = [4, 8, 14];

/** True when Temporal, or the worker that it waited for, did not answer in time. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && unanswered.includes(Number(cause.code));
}

/** Runs calls of a client, each for at most 10 s. They throw `unavailable` when they are not answered. */
export function soonBy(client: Client) {
  const within = withinBy(client);
  return <T>(call: () => Promise<T>): Promise<T> => within(callWithin, call);
}

/** The same, each with a timeout of its own in milliseconds. */
export function withinBy(client: Client) {
  return async <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + timeoutMs, call);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      throw new Fault('unavailable', 'Temporal does not answer', { hint: 'see /readyz', cause: error });
    }
  };
}
