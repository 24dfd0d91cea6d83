import type { Worker } from 'node:worker_threads';

/** How often the CPU time of a thread is read, in milliseconds. */
const readEveryMs = 200;

export interface UsageLimits {
  /** CPU time of one request, in milliseconds: what the request costs, however busy the machine is. */
  cpuMs: number;
  /** Elapsed time of one request, in milliseconds: who asks does not wait for longer, whatever it costs. */
  wallMs: number;
}

/**
 * Calls `onExceeded` once, with the limit that a request of a thread is over. The CPU time is the thread's own since `start`
 * (Node.js, `worker.cpuUsage()` and `process.threadCpuUsage()`). Returns a function that ends the watch.
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
        () => undefined, // The thread has ended: its 'error' or 'exit' tells.
      );
    }, readEveryMs);
  };
  readLater();
  return end;
}
