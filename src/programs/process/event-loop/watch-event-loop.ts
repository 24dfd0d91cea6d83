import type { Logger } from 'pino';
import { startThread } from '../../../services/checks/start-thread.ts';
import type { Blockage, WatchdogData } from './watchdog-thread.ts';

/** Milliseconds without a turn of the event loop that are worth a line in the log: health checks wait for less. */
const defaultLimitMs = 1000;
const beatMs = 50;

/**
 * Logs what kept the event loop of this thread from turning for longer than the limit (milliseconds), with the call stack
 * that was seen at the limit. The stack is taken from another thread over the inspector's protocol (Node.js, Inspector,
 * `session.connectToMainThread`), so it costs nothing while all is well. Only for the main thread of a process.
 */
export function watchEventLoop(log: Logger, limitMs = defaultLimitMs): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const beating = setInterval(() => Atomics.add(beats, 0, 1), beatMs);
  beating.unref();
  const workerData: WatchdogData = { beats, limitMs };
  const options = { workerData, resourceLimits: { maxOldGenerationSizeMb: 32 } };
  const worker = startThread(new URL('./watchdog-thread.ts', import.meta.url), options, () => false);
  worker.on('message', ({ blockedMs, stack }: Blockage) => {
    log.warn({ blockedMs, stack }, 'the event loop was blocked');
  });
  worker.on('error', (err) => log.warn({ err }, 'nobody watches the event loop any more'));
  return async () => {
    clearInterval(beating);
    await worker.terminate();
  };
}
