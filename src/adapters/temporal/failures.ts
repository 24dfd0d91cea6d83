import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common';
import { Fault, faultCatalogue } from '../../model/fault.ts';
import { truncateFault, truncateText } from '../../model/truncate-fault.ts';

/**
 * Converts an activity's error to a Temporal failure, only here: the fault's code is the failure's type, its report the details,
 * shortened for the history, and the catalogue decides whether it is retryable. Other errors are returned unchanged and retried.
 */
export function toTemporalFailure(error: unknown): unknown {
  if (error instanceof TemporalFailure || !(error instanceof Fault)) return error;
  return ApplicationFailure.create({
    message: truncateText(error.message),
    type: error.code,
    nonRetryable: !faultCatalogue[error.code].retryable,
    // A user's error is shown to the user: the worker neither warns of it nor counts it as a failure.
    ...(faultCatalogue[error.code].outcome !== 'infrastructure' && { category: ApplicationFailureCategory.BENIGN }),
    details: [truncateFault(error.report())],
    cause: error.cause instanceof Error ? error.cause : undefined,
  });
}
