import { setTimeout as pause } from 'node:timers/promises';

/** Wakes who waits; one that rings while nobody waits is kept for the next who does. */
export class Alarm {
  #rung = new AbortController();

  readonly ring = (): void => this.#rung.abort();

  /** Returns when it rings, after so many milliseconds, or when aborted. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const awake = AbortSignal.any([this.#rung.signal, signal]);
    // Being woken is why it waits, and no error.
    await pause(milliseconds, undefined, { signal: awake }).catch(() => undefined);
    this.#rung = new AbortController();
  }
}
