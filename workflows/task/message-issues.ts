import type { HoldRequest, RetryRequest } from '../../src/model/task-messages.ts';

/** Maximum hold of a week, as in the API. */
const maxHoldMs = 168 * 3_600_000;

/**
 * Returns the issue of a hold request, or undefined. Temporal's own tools may send one that the API has not checked.
 */
export function findHoldIssue(request: Partial<HoldRequest> | null | undefined): string | undefined {
  const { forMs } = request ?? {};
  if (typeof forMs === 'number' && forMs > 0 && forMs <= maxHoldMs) return undefined;
  return `forMs must be a number of milliseconds, at most ${maxHoldMs}, as in {"forMs": 7200000}`;
}

/** Returns the issue of a retry request, or undefined. */
export function findRetryIssue(request: Partial<RetryRequest> | null | undefined): string | undefined {
  if (request?.from === 'start') {
    if (request.versions === 'locked' || request.versions === 'refreshed') return undefined;
    return 'versions must be locked or refreshed, as in {"from": "start", "versions": "locked", "by": "anna"}';
  }
  if (request?.from !== 'failed') return 'from must be failed or start, as in {"from": "failed", "by": "anna"}';
  const { input } = request;
  if (input === undefined || (typeof input === 'object' && input !== null && !Array.isArray(input))) return undefined;
  return 'input must be an object: the whole input of the failed step';
}
