import type { Worker } from 'node:worker_threads';

/** Interval between two reads of the CPU time of a thread. */
const readIntervalMs = 200;

export interface UsageLimits {
  /** Maximum CPU time of one request, in milliseconds, however busy the machine is. */
  cpuMs: number;
  /** Maximum elapsed time of one request, in milliseconds: the caller never waits longer. */
  wallMs: number;
}

/**
 * Calls `onExceeded` once, with the limit that the request of a thread exceeds. Counts the CPU time of the thread since
 * `start` (Node.js, `worker.cpuUsage()` and `process.threadCpuUsage()`). Returns a function that ends the watch.
 */
export function watchUsage(
  worker: Worker,
  start: NodeJS.CpuUsage,
  limits: UsageLimits,
  onExceeded: (limit: keyof UsageLimits) => void,
): () => void {
  let ended = false;
  let reading: NodeJS.Timeout | undefined;
  const end = () => {
    ended = true;
    clearTimeout(reading);
    clearTimeout(waiting);
  };
  const exceed = (limit: keyof UsageLimits) => {
    if (ended) return;
    end();
    onExceeded(limit);
  };
  const waiting = setTimeout(() => exceed('wallMs'), limits.wallMs);
  const readLater = () => {
    reading = setTimeout(() => {
      worker.cpuUsage(start).then(
        ({ user, system }) => {
          if ((user + system) / 1000 > limits.cpuMs) exceed('cpuMs');
          else if (!ended) readLater();
        },
        () => undefined, // The thread has ended, which its 'error' or 'exit' event reports.
      );
    }, readIntervalMs);
  };
  readLater();
  return end;
}
