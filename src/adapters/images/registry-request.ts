import { setTimeout } from 'node:timers/promises';
import { fetch, type RequestInit, type Response } from 'undici';

/** Time limit for an answer. */
const answerTimeoutMs = 10_000;
/** Longest and default wait after a 429; the default is used without Retry-After. */
const maxWaitMs = 300_000;
const defaultWaitMs = 5_000;

/** Times by host before which this process must not send another request. */
const retryAt = new Map<string, number>();

/**
 * Sends a request to a registry or its token service. After a 429 it is repeated at the given time (RFC 9110, Retry-After).
 * Throws fetch's errors, or an Error when that time is more than 5 minutes away.
 */
export async function sendRequest(url: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  const { host } = new URL(url);
  const deadline = Date.now() + maxWaitMs;
  for (;;) {
    const until = retryAt.get(host) ?? 0;
    if (until > deadline) {
      throw new Error(`${host} limits the rate of requests until ${new Date(until).toISOString()}`);
    }
    if (until > Date.now()) await setTimeout(until - Date.now(), undefined, { signal });
    else retryAt.delete(host);
    const limits = [AbortSignal.timeout(answerTimeoutMs), ...(signal ? [signal] : [])];
    const response = await fetch(url, { ...init, signal: AbortSignal.any(limits) });
    if (response.status !== 429) return response;
    await response.body?.cancel();
    retryAt.set(host, Math.max(until, Date.now() + parseRetryAfterMs(response.headers.get('retry-after'))));
  }
}

/** Error for an unexpected response of a registry or its token service. */
export class UnexpectedResponseError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Returns the milliseconds of Retry-After, which is a number of seconds or a date. */
function parseRetryAfterMs(value: string | null): number {
  if (value === null || value.trim() === '') return defaultWaitMs;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(waitMs, 100) : defaultWaitMs;
}

/** Returns the reason of a failed request, which fetch hides in the cause. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string; code?: string }; message?: string };
  return cause?.message || cause?.code || message || String(error);
}
