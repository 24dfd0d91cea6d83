import type { HoldRequest, RetryRequest } from '../../src/model/task-messages.ts';

/** A week, as the API allows. */
const mostMs = 168 * 3_600_000;

/** What is wrong with a message as Temporal's own tools may send it; the API has checked its own. */
export function holdMistake(request: Partial<HoldRequest> | null | undefined): string | undefined {
  const { forMs } = request ?? {};
  if (typeof forMs === 'number' && forMs > 0 && forMs <= mostMs) return undefined;
  return `forMs has to be a number of milliseconds, at most ${mostMs}, as in {"forMs": 7200000}`;
}

/** The same of a retry. */
export function retryMistake(request: Partial<RetryRequest> | null | undefined): string | undefined {
  if (request?.from === 'start') {
    if (request.versions === 'locked' || request.versions === 'refreshed') return undefined;
    return 'versions has to be locked or refreshed, as in {"from": "start", "versions": "locked", "by": "anna"}';
  }
  if (request?.from !== 'failed') return 'from has to be failed or start, as in {"from": "failed", "by": "anna"}';
  const { input } = request;
  if (input === undefined || (typeof input === 'object' && input !== null && !Array.isArray(input))) return undefined;
  return 'input has to be an object: all of the input of the step that failed';
}
