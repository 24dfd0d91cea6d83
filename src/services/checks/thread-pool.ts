import type { Worker } from 'node:worker_threads';
import { Fault, type Place } from '../../model/fault.ts';
import { startThread } from './start-thread.ts';
import { type UsageLimits, watchUsage } from './watch-usage.ts';

export interface PoolLimits extends UsageLimits {
  threads: number;
  /** Of one thread's heap. */
  memoryMb: number;
  /** Requests that may wait for a thread. */
  maxWaiting: number;
}

/** A request that was ended at a limit: what it took too much of, and the place that it was at, if it had said one. */
export class LimitExceeded extends Error {
  readonly where: Place | undefined;

  constructor(message: string, where: Place | undefined) {
    super(message);
    this.where = where;
  }
}

/** What a thread says: that it begins and its CPU time by then, which place it is at, what came out as JSON, or what it threw. */
export type ThreadMessage =
  | { kind: 'begin'; cpu: NodeJS.CpuUsage }
  | { kind: 'at'; where: Place }
  | { kind: 'done'; json: string }
  | { kind: 'failed'; message: string; fault?: ConstructorParameters<typeof Fault> };

interface Request {
  /** As it is posted: structured cloning copies a text, while JSON looks at each of its characters. */
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

/** Worker threads that do one request at a time each; one that is over a limit is ended, and another takes its place. */
export class ThreadPool {
  readonly #entry: URL;
  readonly #limits: PoolLimits;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Request[] = [];

  constructor(entry: URL, limits: PoolLimits) {
    this.#entry = entry;
    this.#limits = limits;
  }

  /** Starts a thread, so that the first request does not wait for that. Idle threads do not keep the process alive. */
  warmUp(): void {
    if (this.#threads.size === 0) this.#start();
  }

  /**
   * Returns what the thread makes of a request. Throws LimitExceeded, the Fault that the thread threw, Error for what else
   * it threw, or the fault `unavailable` when too many requests wait or the machine is too busy for this one.
   */
  run(request: unknown): Promise<unknown> {
    const { maxWaiting } = this.#limits;
    if (this.#waiting.length >= maxWaiting) {
      const message = `${maxWaiting} checks of flows and plugins are waiting already`;
      return Promise.reject(new Fault('unavailable', message, { hint: 'send it again in a moment' }));
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
    worker.on('message', (message: ThreadMessage) => this.#hear(thread, message));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const { request } = thread;
      this.#end(thread, isMemory ? new LimitExceeded(`took more than ${memoryMb} MB`, request?.where) : error);
    });
    worker.on('exit', () => this.#end(thread, new Error('the thread of a check ended')));
    return thread;
  }

  #hear(thread: Thread, message: ThreadMessage): void {
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
    return new Fault('unavailable', message, { hint: 'send it again later' });
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
