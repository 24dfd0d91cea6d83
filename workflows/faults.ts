import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { type FaultReport, isFaultCode } from '../src/model/fault.ts';
import { printable } from '../src/model/plain-text.ts';

/** Returns the fault of a failed activity; any other error is `internal`. */
export function faultOf(error: unknown): FaultReport {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isFaultCode(cause.type)) {
    const report = cause.details?.[0] as FaultReport | undefined;
    return report ?? { code: cause.type, message: cause.message };
  }
  const activity = error instanceof ActivityFailure ? `${error.activityType}: ` : '';
  if (cause instanceof TimeoutFailure) {
    return { code: 'unavailable', message: `${activity}no worker completed it in time (${cause.message})` };
  }
  return {
    code: 'internal',
    message: `${activity}${printable(cause instanceof Error ? cause.message : String(cause))}`,
  };
}
