import { setTimeout } from 'node:timers/promises';
import { newId } from '../../model/new-id.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchPorts } from './dispatch-one.ts';
import { repairQueue } from './repair-queue.ts';

export interface Dispatcher {
  /** Tells it that a delivery may be waiting. */
  wake(): void;
  /** Starts to dispatch, beginning with the deliveries that wait already. */
  start(): void;
  /** Stops after the current delivery; the others wait for the next start. */
  stop(): Promise<void>;
}

/** Intervals of a dispatcher, in milliseconds. */
export interface DispatchTimes {
  /** Length of the lease, which keeps others out for as long after a crash. */
  leaseMs: number;
  /** Interval between two checks of another dispatcher's lease, while deliveries wait. */
  leaseCheckMs: number;
  /** Pause after a failure; doubled with every further failure, up to `maxBackoffMs`. */
  minBackoffMs: number;
  maxBackoffMs: number;
}

const defaults: DispatchTimes = { leaseMs: 6000, leaseCheckMs: 300, minBackoffMs: 500, maxBackoffMs: 5000 };

/**
 * Creates a dispatcher that dispatches deliveries in order of receipt while no other process on the same MongoDB does.
 * It sleeps while nothing waits, and retries with back-off while Temporal or MongoDB is unreachable.
 */
export function createDispatcher(ports: DispatchPorts, times: Partial<DispatchTimes> = {}): Dispatcher {
  return new LeasedDispatcher(ports, { ...defaults, ...times });
}

class LeasedDispatcher implements Dispatcher {
  readonly #ports: DispatchPorts;
  readonly #times: DispatchTimes;
  readonly #holder = newId();
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #repaired = false;
  #woken = false;
  #resume: () => void = () => undefined;
  #pause: number;

  constructor(ports: DispatchPorts, times: DispatchTimes) {
    this.#ports = ports;
    this.#times = times;
    this.#pause = times.minBackoffMs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  wake(): void {
    this.#woken = true;
    this.#resume();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#resume();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#woken = false;
      const end = await this.#dispatch();
      if (end === 'done') await this.#sleep();
      else if (end === 'held') await this.#wait(this.#times.leaseCheckMs);
      else await this.#backOff();
    }
  }

  async #dispatch(): Promise<Awaited<ReturnType<typeof dispatch>>> {
    const { deliveries, log } = this.#ports;
    const progress = () => {
      this.#pause = this.#times.minBackoffMs;
    };
    try {
      if (!this.#repaired) await repairQueue(deliveries);
      this.#repaired = true;
      return await dispatch(
        this.#ports,
        { durationMs: this.#times.leaseMs, holder: this.#holder },
        { signal: this.#stopped.signal, progress },
      );
    } catch (error) {
      log.warn({ err: error }, 'cannot dispatch webhook deliveries, retrying');
      return 'failed';
    }
  }

  async #sleep(): Promise<void> {
    this.#pause = this.#times.minBackoffMs;
    if (this.#woken || this.#stopped.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  async #backOff(): Promise<void> {
    await this.#wait(this.#pause);
    this.#pause = Math.min(this.#pause * 2, this.#times.maxBackoffMs);
  }

  async #wait(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined); // Aborted: the loop ends.
  }
}
