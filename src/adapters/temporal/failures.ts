import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common';
import { boundFault, boundText } from '../../model/bound-fault.ts';
import { Fault, faultCatalogue } from '../../model/fault.ts';

/**
 * The one place where errors of activities become Temporal failures: the fault's code is the failure's type, its report
 * the details, short enough for a history, and the catalogue says whether trying again may help. Anything else stays as it is and is retried.
 */
export function toTemporalFailure(error: unknown): unknown {
  if (error instanceof TemporalFailure || !(error instanceof Fault)) return error;
  return ApplicationFailure.create({
    message: boundText(error.message),
    type: error.code,
    nonRetryable: !faultCatalogue[error.code].retryable,
    // A mistake of the user is told to the user: no warning, no count among the failures of the worker.
    ...(faultCatalogue[error.code].outcome !== 'infrastructure' && { category: ApplicationFailureCategory.BENIGN }),
    details: [boundFault(error.report())],
    cause: error.cause instanceof Error ? error.cause : undefined,
  });
}
