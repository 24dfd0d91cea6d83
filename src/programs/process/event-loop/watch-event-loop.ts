import type { Logger } from 'pino';
import { startThread } from '../../../services/checks/start-thread.ts';
import type { Blockage, WatchdogData } from './watchdog-thread.ts';

/** Blocked longer than this, health checks time out. */
const defaultLimitMs = 1000;
const heartbeatIntervalMs = 50;

/**
 * Logs each block of the event loop longer than the limit, with the call stack at the limit. Returns a function that stops it.
 * A worker thread reads the stack over the inspector protocol (Node.js, Inspector, `session.connectToMainThread`), so it
 * costs nothing without a block. Works for the main thread of a process only.
 */
export function watchEventLoop(log: Logger, limitMs = defaultLimitMs): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const heartbeat = setInterval(() => Atomics.add(beats, 0, 1), heartbeatIntervalMs);
  heartbeat.unref();
  const workerData: WatchdogData = { heartbeats: beats, limitMs };
  const options = { workerData, resourceLimits: { maxOldGenerationSizeMb: 32 } };
  const worker = startThread(new URL('./watchdog-thread.ts', import.meta.url), options, () => false);
  worker.on('message', ({ blockedMs, stack }: Blockage) => {
    log.warn({ blockedMs, stack }, 'the event loop was blocked');
  });
  worker.on('error', (err) => log.warn({ err }, 'event loop watchdog failed'));
  return async () => {
    clearInterval(heartbeat);
    await worker.terminate();
  };
}
