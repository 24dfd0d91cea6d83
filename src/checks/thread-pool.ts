import { Worker } from 'node:worker_threads';
import { Fault, type Place } from '../model/fault.ts';

export interface PoolLimits {
  threads: number;
  /** Of one request, from when its thread begins with it. */
  timeoutMs: number;
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

/** What a thread says: that it begins, which place it is at, what came out as JSON, or what it threw. */
export type ThreadMessage =
  | { kind: 'begin' }
  | { kind: 'at'; where: Place }
  | { kind: 'done'; json: string }
  | { kind: 'failed'; message: string; fault?: ConstructorParameters<typeof Fault> };

interface Request {
  json: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  where?: Place;
}

interface Thread {
  worker: Worker;
  request?: Request;
  timer?: NodeJS.Timeout;
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
   * it threw, or the fault `unavailable` when too many requests wait.
   */
  run(request: unknown): Promise<unknown> {
    const { maxWaiting } = this.#limits;
    if (this.#waiting.length >= maxWaiting) {
      const message = `${maxWaiting} checks of flows and plugins are waiting already`;
      return Promise.reject(new Fault('unavailable', message, { hint: 'send it again in a moment' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ json: JSON.stringify(request), resolve, reject });
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
      thread.worker.postMessage(thread.request?.json);
    }
  }

  #start(): Thread {
    const { memoryMb } = this.#limits;
    // Node's options of this process are not the threads': --max-semi-space-size and the like.
    const worker = new Worker(this.#entry, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    const thread: Thread = { worker };
    this.#threads.add(thread);
    worker.on('message', (message: ThreadMessage) => this.#hear(thread, message));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const { request } = thread;
      this.#end(thread, isMemory ? new LimitExceeded(`took more than ${memoryMb} MB`, request?.where) : error);
    });
    worker.on('exit', () => this.#end(thread, new Error('the thread of a check ended')));
    worker.unref();
    // A thread that was warmed up and never used kept the process from ending: its start takes a reference of its own.
    worker.once('online', () => {
      if (!thread.request) worker.unref();
    });
    return thread;
  }

  #hear(thread: Thread, message: ThreadMessage): void {
    const { request } = thread;
    if (!request) return;
    if (message.kind === 'begin') {
      const { timeoutMs } = this.#limits;
      thread.timer = setTimeout(() => {
        this.#end(thread, new LimitExceeded(`took more than ${timeoutMs / 1000} s`, request.where));
      }, timeoutMs);
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

  #release(thread: Thread): void {
    clearTimeout(thread.timer);
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
