import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { type WaitPorts, WaitRecorder } from './wait-recorder.ts';

/** Milliseconds between two tries while the engine is unreachable: the first pause, doubled up to the maximum. */
const [firstPauseMs, maxPauseMs] = [500, 5000];
/** Milliseconds between two pings of the engine. */
const pingIntervalMs = 15_000;
/** Milliseconds that work gets to end after the engine timeout; a call that is never answered does not end by itself. */
const graceMs = 5000;

/**
 * Does the work and records its waits. If it fails, the waits of that moment stay on record for the next try. Throws
 * `engine_timeout` when the engine is unreachable for too long.
 */
export async function recordWaits<T>(
  ports: WaitPorts,
  { run, isFirst }: { run: RunIdentity; isFirst: boolean },
  signal: AbortSignal,
  work: (onWaits: OnWaits, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const recorder = await WaitRecorder.open(ports, run, isFirst);
  const done = new AbortController();
  try {
    const working = work(recorder.update, AbortSignal.any([signal, recorder.signal]));
    const result = await Promise.race([working, rejectAfterGrace(recorder.signal, done.signal)]);
    recorder.update([]);
    return result;
  } finally {
    done.abort();
    await recorder.close();
  }
}

/** Rejects with the reason of `limit`, `graceMs` after it is aborted. */
async function rejectAfterGrace(limit: AbortSignal, done: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => {
      const timer = setTimeout(() => reject(limit.reason), graceMs);
      done.addEventListener('abort', () => clearTimeout(timer), { once: true });
    };
    limit.addEventListener('abort', end, { once: true });
  });
}

/**
 * Retries the work while the engine does not answer, and pings the engine meanwhile. Throws the signal's reason.
 */
export async function retryWhileEngineUnavailable<T>(
  { onWaits, ping }: { onWaits: OnWaits; ping: Runtime['ping'] },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const watching = ping && watchEngine(ping, onWaits, AbortSignal.any([signal, over.signal]));
  try {
    for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, maxPauseMs)) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!isUnavailable(error)) throw error;
        onWaits([{ reason: 'engine_unavailable', message: error.message }]);
        await pause(wait, signal);
        signal.throwIfAborted();
      }
    }
  } finally {
    over.abort();
    await watching;
  }
}

/** Reports while the engine does not answer pings, also during a call that it has accepted. */
async function watchEngine(ping: NonNullable<Runtime['ping']>, onWaits: OnWaits, signal: AbortSignal): Promise<void> {
  for (let isDown = false; ; ) {
    await pause(pingIntervalMs, signal);
    if (signal.aborted) return;
    try {
      await ping(signal);
      if (isDown) onWaits([]);
      isDown = false;
    } catch (error) {
      if (signal.aborted || !isUnavailable(error)) continue;
      isDown = true;
      onWaits([{ reason: 'engine_unavailable', message: error.message }]);
    }
  }
}

function isUnavailable(error: unknown): error is Fault {
  return error instanceof Fault && error.code === 'engine_unavailable';
}

/** Resolves after the milliseconds, or when the signal is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, milliseconds);
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}
