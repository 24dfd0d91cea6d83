import { isGrpcServiceError, ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { Fault } from '../model/fault.ts';

/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED of a rate limit, and UNAVAILABLE (grpc/grpc doc/statuscodes.md). */
const unanswered = [4, 8, 14];

/** True when Temporal, or the worker that it waited for, did not answer in time. */
export function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && unanswered.includes(Number(cause.code));
}

/** Runs a call of Temporal's client. Throws `unavailable` when it is not answered. */
export async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    throw new Fault('unavailable', 'Temporal does not answer', { hint: 'see /readyz', cause: error });
  }
}
