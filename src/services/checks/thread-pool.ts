import type { Worker } from 'node:worker_threads';
import { Fault, type Place } from '../../model/fault.ts';
import { startThread } from './start-thread.ts';
import { type UsageLimits, watchUsage } from './watch-usage.ts';

export interface PoolLimits extends UsageLimits {
  threads: number;
  /** Heap size of one thread, in MB. */
  memoryMb: number;
  /** Requests that may wait for a thread at most. */
  maxWaiting: number;
}

/** A request that exceeded a limit: the limit, and the place that was being checked, if it is known. */
export class LimitExceeded extends Error {
  readonly where: Place | undefined;

  constructor(message: string, where: Place | undefined) {
    super(message);
    this.where = where;
  }
}

/**
 * Message of a thread: the start with its CPU time so far, the place being checked, the result as JSON, or the error.
 */
export type ThreadMessage =
  | { kind: 'begin'; cpu: NodeJS.CpuUsage }
  | { kind: 'at'; where: Place }
  | { kind: 'done'; json: string }
  | { kind: 'failed'; message: string; fault?: ConstructorParameters<typeof Fault> };

interface Request {
  /** Request as posted: structured cloning copies a text, while JSON would scan each of its characters. */
  content: unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  where?: Place;
}

interface Thread {
  worker: Worker;
  request?: Request;
  endWatch?: () => void;
}

/** Pool of worker threads with one request each at a time. A thread that exceeds a limit is terminated and replaced. */
export class ThreadPool {
  readonly #entry: URL;
  readonly #limits: PoolLimits;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Request[] = [];

  constructor(entry: URL, limits: PoolLimits) {
    this.#entry = entry;
    this.#limits = limits;
  }

  /** Starts a thread before the first request needs it. Idle threads do not keep the process alive. */
  warmUp(): void {
    if (this.#threads.size === 0) this.#start();
  }

  /**
   * Runs a request in a thread and returns its result. Throws LimitExceeded, the Fault of the thread, an Error for any
   * other exception, or the fault `unavailable` when too many requests wait or the machine is too busy.
   */
  run(request: unknown): Promise<unknown> {
    const { maxWaiting } = this.#limits;
    if (this.#waiting.length >= maxWaiting) {
      const message = `${maxWaiting} checks of flows and plugins are already waiting`;
      return Promise.reject(new Fault('unavailable', message, { hint: 'retry in a moment' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ content: request, resolve, reject });
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].find(({ request }) => !request);
      const thread = idle ?? (this.#threads.size < this.#limits.threads ? this.#start() : undefined);
      if (!thread) return;
      thread.request = this.#waiting.shift();
      thread.worker.ref();
      thread.worker.postMessage(thread.request?.content);
    }
  }

  #start(): Thread {
    const { memoryMb } = this.#limits;
    const options = { resourceLimits: { maxOldGenerationSizeMb: memoryMb } };
    const worker = startThread(this.#entry, options, () => thread.request !== undefined);
    const thread: Thread = { worker };
    this.#threads.add(thread);
    worker.on('message', (message: ThreadMessage) => this.#onMessage(thread, message));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const { request } = thread;
      this.#end(thread, isMemory ? new LimitExceeded(`took more than ${memoryMb} MB`, request?.where) : error);
    });
    worker.on('exit', () => this.#end(thread, new Error('the thread of a check ended')));
    return thread;
  }

  #onMessage(thread: Thread, message: ThreadMessage): void {
    const { request } = thread;
    if (!request) return;
    if (message.kind === 'begin') {
      thread.endWatch = watchUsage(thread.worker, message.cpu, this.#limits, (limit) => {
        this.#end(thread, limit === 'cpuMs' ? this.#tooExpensive(request) : this.#tooBusy());
      });
      return;
    }
    if (message.kind === 'at') {
      request.where = message.where;
      return;
    }
    this.#release(thread);
    if (message.kind === 'done') request.resolve(JSON.parse(message.json));
    else request.reject(message.fault ? new Fault(...message.fault) : new Error(message.message));
    thread.worker.unref();
    this.#assign();
  }

  #tooExpensive({ where }: Request): LimitExceeded {
    return new LimitExceeded(`took more than ${this.#limits.cpuMs / 1000} s of CPU time`, where);
  }

  #tooBusy(): Fault {
    const message = `a check did not end within ${this.#limits.wallMs / 1000} s, as this machine is busy`;
    return new Fault('unavailable', message, { hint: 'retry later' });
  }

  #release(thread: Thread): void {
    thread.endWatch?.();
    thread.request = undefined;
  }

  #end(thread: Thread, reason: unknown): void {
    if (!this.#threads.delete(thread)) return;
    const { request } = thread;
    this.#release(thread);
    void thread.worker.terminate();
    request?.reject(reason);
    this.#assign();
  }
}
