import type { MongoClient } from 'mongodb';

/** Time in which the driver's monitor must connect or get an answer. */
export const connectTimeoutMs = 5000;
/** Maximum duration of a check: it waits up to 10 s for changes (heartbeatFrequencyMS), then for the answer. */
const maxCheckMs = 10_000 + 2 * connectTimeoutMs;

/**
 * Calls `onStuck` when a check of the driver's monitor neither succeeds nor fails. The driver (7.9) waits forever for
 * the `drain` of a socket that closes while it is written to, and from then on treats the server as unreachable.
 */
export function watchMonitor(client: MongoClient, onStuck: () => void): Disposable {
  const startedAt = new Map<string, number>();
  client.on('serverHeartbeatStarted', ({ connectionId }) => startedAt.set(connectionId, performance.now()));
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => startedAt.delete(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => startedAt.delete(connectionId));
  client.on('serverClosed', ({ address }) => startedAt.delete(address));
  const timer = setInterval(() => {
    const now = performance.now();
    if (![...startedAt.values()].some((since) => now - since > maxCheckMs)) return;
    clearInterval(timer);
    onStuck();
  }, maxCheckMs / 10);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
