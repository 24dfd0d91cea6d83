import type { MongoClient } from 'mongodb';

/** Milliseconds that the driver's monitor has to connect, or to get an answer. */
export const connectTimeoutMs = 5000;
/** Longer than any check of the monitor: it waits up to 10 s for news (heartbeatFrequencyMS), and then for the answer. */
const longestCheckMs = 10_000 + 2 * connectTimeoutMs;

/**
 * Calls `stuck` once a check of the driver's monitor neither succeeds nor fails. The driver (7.9) waits for the `drain` of a socket
 * that closes as it is written to, which never comes, and takes the server for unreachable from then on.
 */
export function watchMonitor(client: MongoClient, stuck: () => void): Disposable {
  const begun = new Map<string, number>();
  client.on('serverHeartbeatStarted', ({ connectionId }) => begun.set(connectionId, performance.now()));
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => begun.delete(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => begun.delete(connectionId));
  client.on('serverClosed', ({ address }) => begun.delete(address));
  const timer = setInterval(() => {
    const now = performance.now();
    if (![...begun.values()].some((since) => now - since > longestCheckMs)) return;
    clearInterval(timer);
    stuck();
  }, longestCheckMs / 10);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
