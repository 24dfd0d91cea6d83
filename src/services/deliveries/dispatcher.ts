import { setTimeout } from 'node:timers/promises';
import { newId } from '../../model/new-id.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchPorts } from './dispatch-one.ts';
import { repair } from './repair.ts';

export interface Dispatcher {
  /** Something may wait. */
  wake(): void;
  /** Begins, with what waits already. */
  start(): void;
  /** Ends after the delivery that it is at; the others wait for the next start. */
  stop(): Promise<void>;
}

/** In milliseconds. */
export interface DispatchTimes {
  /** How long the lease of a dispatcher that died keeps others out. */
  lease: number;
  /** Between two looks whether another dispatcher's lease is free, while something waits. */
  held: number;
  /** After a failure; doubled with every further one, up to the last. */
  firstPause: number;
  lastPause: number;
}

const usual: DispatchTimes = { lease: 6000, held: 300, firstPause: 500, lastPause: 5000 };

/**
 * Dispatches deliveries in this process, in order of receipt, while no other process on the same MongoDB does. It sleeps
 * while nothing waits, and waits for a Temporal or MongoDB that is away.
 */
export function createDispatcher(ports: DispatchPorts, times: Partial<DispatchTimes> = {}): Dispatcher {
  return new Loop(ports, { ...usual, ...times });
}

class Loop implements Dispatcher {
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
    this.#pause = times.firstPause;
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
      else if (end === 'held') await this.#wait(this.#times.held);
      else await this.#backOff();
    }
  }

  async #dispatch(): Promise<Awaited<ReturnType<typeof dispatch>>> {
    const { deliveries, log } = this.#ports;
    const progress = () => {
      this.#pause = this.#times.firstPause;
    };
    try {
      if (!this.#repaired) await repair(deliveries);
      this.#repaired = true;
      const lease = { length: this.#times.lease, holder: this.#holder };
      return await dispatch(this.#ports, lease, { signal: this.#stopped.signal, progress });
    } catch (error) {
      log.warn({ err: error }, 'webhooks wait, trying again');
      return 'failed';
    }
  }

  async #sleep(): Promise<void> {
    this.#pause = this.#times.firstPause;
    if (this.#woken || this.#stopped.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  async #backOff(): Promise<void> {
    await this.#wait(this.#pause);
    this.#pause = Math.min(this.#pause * 2, this.#times.lastPause);
  }

  async #wait(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined); // Stopped: the loop ends.
  }
}
