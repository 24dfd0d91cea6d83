import type { AttemptEntry, AttemptOrigin } from '../../src/model/attempt.ts';

/** Current status of an attempt, as its record shows it. */
export type AttemptStatus = Pick<AttemptEntry, 'state' | 'outcome' | 'error' | 'podName' | 'steps'>;

/**
 * The current attempt of a run, and the records of attempts that have ended since the last `take`. Times are ISO 8601.
 */
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

  /** Sets the end of the current attempt. The first end counts: a held attempt has ended before its hold. */
  end(at: string): void {
    this.#endedAt ??= at;
  }

  /** Closes the current attempt and begins the next one. */
  next(origin: AttemptOrigin, now: AttemptStatus, at: string): void {
    this.end(at);
    this.#closed.push(this.#record(now));
    this.number += 1;
    this.origin = origin;
    this.#startedAt = at;
    this.#endedAt = undefined;
  }

  take(now: AttemptStatus): AttemptEntry[] {
    return [...this.#closed.splice(0), this.#record(now)];
  }

  #record(now: AttemptStatus): AttemptEntry {
    return { attempt: this.number, ...this.origin, ...now, startedAt: this.#startedAt, endedAt: this.#endedAt };
  }
}
