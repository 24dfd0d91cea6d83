import type { AttemptEntry, AttemptOrigin } from '../../src/model/attempt.ts';

/** How far the current attempt is, as its record shows it. */
export type AttemptNow = Pick<AttemptEntry, 'state' | 'outcome' | 'error' | 'podName' | 'steps'>;

/** Which attempt a run is at, and the records of those that have ended since they were taken last. Times are ISO 8601. */
export class Attempts {
  number: number;
  origin: AttemptOrigin;
  #startedAt = '';
  #endedAt: string | undefined;
  #closed: AttemptEntry[] = [];

  constructor(number: number, origin: AttemptOrigin) {
    this.number = number;
    this.origin = origin;
  }

  begin(at: string): void {
    if (this.#startedAt === '') this.#startedAt = at;
  }

  /** The first end counts: what is held has ended before. */
  end(at: string): void {
    this.#endedAt ??= at;
  }

  /** The current attempt is over, and the next one begins. */
  next(origin: AttemptOrigin, now: AttemptNow, at: string): void {
    this.end(at);
    this.#closed.push(this.#record(now));
    this.number += 1;
    this.origin = origin;
    this.#startedAt = at;
    this.#endedAt = undefined;
  }

  take(now: AttemptNow): AttemptEntry[] {
    return [...this.#closed.splice(0), this.#record(now)];
  }

  #record(now: AttemptNow): AttemptEntry {
    const times = { startedAt: this.#startedAt, ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }) };
    return { attempt: this.number, ...this.origin, ...now, ...times };
  }
}
