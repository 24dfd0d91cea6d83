import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread that keeps the process alive only while it is busy. Node's options of this process are not the
 * thread's: --max-semi-space-size and the like.
 */
export function startThread(entry: URL, options: WorkerOptions, isBusy: () => boolean): Worker {
  const worker = new Worker(entry, { execArgv: [], ...options });
  worker.unref();
  // A thread that was started and never used kept the process from ending: its start takes a reference of its own.
  worker.once('online', () => {
    if (!isBusy()) worker.unref();
  });
  return worker;
}
