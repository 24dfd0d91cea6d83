import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { type FaultReport, isFaultCode } from '../src/model/fault.ts';
import { printable } from '../src/model/plain-text.ts';

/** The fault behind an activity's failure; anything that no activity threw on purpose is `internal`. */
export function faultOf(error: unknown): FaultReport {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isFaultCode(cause.type)) {
    const report = cause.details?.[0] as FaultReport | undefined;
    return report ?? { code: cause.type, message: cause.message };
  }
  const activity = error instanceof ActivityFailure ? `${error.activityType}: ` : '';
  if (cause instanceof TimeoutFailure) {
    return { code: 'unavailable', message: `${activity}no worker finished it in time (${cause.message})` };
  }
  return {
    code: 'internal',
    message: `${activity}${printable(cause instanceof Error ? cause.message : String(cause))}`,
  };
}
