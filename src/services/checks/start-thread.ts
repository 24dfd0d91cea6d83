import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread that keeps the process alive only while it is busy. It does not inherit Node options of this
 * process such as --max-semi-space-size.
 */
export function startThread(entry: URL, options: WorkerOptions, isBusy: () => boolean): Worker {
  const worker = new Worker(entry, { execArgv: [], ...options });
  worker.unref();
  // The start takes a reference of its own: without this a thread that is never used keeps the process alive.
  worker.once('online', () => {
    if (!isBusy()) worker.unref();
  });
  return worker;
}
