import { setTimeout as pause } from 'node:timers/promises';

/** Auto-reset event: wakes one waiter; a signal without a waiter is remembered. */
export class AutoResetEvent {
  #signalled = new AbortController();

  readonly set = (): void => this.#signalled.abort();

  /** Returns when the event is set, after the timeout, or when aborted. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const awake = AbortSignal.any([this.#signalled.signal, signal]);
    // The rejection of an aborted timer is a wake-up, not an error.
    await pause(timeoutMs, undefined, { signal: awake }).catch(() => undefined);
    this.#signalled = new AbortController();
  }
}
