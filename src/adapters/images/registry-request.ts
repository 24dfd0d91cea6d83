import { setTimeout } from 'node:timers/promises';
import { fetch, type RequestInit, type Response } from 'undici';

/** Milliseconds for an answer. */
const patience = 10_000;
/** Milliseconds that are waited at most because a server says that it was asked too often, and without a time from it. */
const longestWait = 300_000;
const usualWait = 5_000;

/** By host: the moment before which it does not want to be asked again, by anybody here. */
const closedUntil = new Map<string, number>();

/**
 * Asks a registry, or its token service. At a 429 it is asked again after the time that it gives (RFC 9110, Retry-After).
 * Throws what fetch throws, or an Error when it wants to be left alone for longer than 5 minutes.
 */
export async function ask(url: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  const { host } = new URL(url);
  const deadline = Date.now() + longestWait;
  for (;;) {
    const until = closedUntil.get(host) ?? 0;
    if (until > deadline) {
      throw new Error(`${host} was asked too often and answers again at ${new Date(until).toISOString()}`);
    }
    if (until > Date.now()) await setTimeout(until - Date.now(), undefined, { signal });
    else closedUntil.delete(host);
    const limits = [AbortSignal.timeout(patience), ...(signal ? [signal] : [])];
    const response = await fetch(url, { ...init, signal: AbortSignal.any(limits) });
    if (response.status !== 429) return response;
    await response.body?.cancel();
    closedUntil.set(host, Math.max(until, Date.now() + waitOf(response.headers.get('retry-after'))));
  }
}

/** An answer of a registry, or of its token service, that tells nothing about an image. */
export class OddAnswer extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Milliseconds of Retry-After, which is a number of seconds or a date. */
function waitOf(value: string | null): number {
  if (value === null || value.trim() === '') return usualWait;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(wait, 100) : usualWait;
}

/** What a failed request says, in which fetch hides the cause. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string; code?: string }; message?: string };
  return cause?.message || cause?.code || message || String(error);
}
