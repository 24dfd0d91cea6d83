import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { RunIdentity } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { type WaitPorts, WaitRecorder } from './wait-recorder.ts';

/** Milliseconds between two tries of what an engine that is away keeps from being done: the first, then twice as many. */
const [firstPauseMs, longestPauseMs] = [500, 5000];
/** Milliseconds between two questions to an engine whether it still answers. */
const pingIntervalMs = 15_000;
/** Milliseconds that work gets to end itself after the wait for its engine is over: a call that is never answered does not. */
const graceMs = 5000;

/**
 * Does the work, and records what it waits for meanwhile; what it still waited for when it fails stays on record for the next
 * try. Throws `engine_timeout` when the engine stays away too long.
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
    const working = work(recorder.show, AbortSignal.any([signal, recorder.signal]));
    const result = await Promise.race([working, abandoned(recorder.signal, done.signal)]);
    recorder.show([]);
    return result;
  } finally {
    done.abort();
    await recorder.close();
  }
}

/** Rejects with the reason of `limit` a while after that is aborted. */
async function abandoned(limit: AbortSignal, done: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => {
      const timer = setTimeout(() => reject(limit.reason), graceMs);
      done.addEventListener('abort', () => clearTimeout(timer), { once: true });
    };
    limit.addEventListener('abort', end, { once: true });
  });
}

/**
 * Does the work again while the engine does not answer, and asks it meanwhile whether it does (`ping`). Throws the signal's reason.
 */
export async function whileEngineAway<T>(
  { onWaits, ping }: { onWaits: OnWaits; ping: Runtime['ping'] },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const watching = ping && watchEngine(ping, onWaits, AbortSignal.any([signal, over.signal]));
  try {
    for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!isAway(error)) throw error;
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

/** Tells while an engine answers nothing at all, also where it has taken a call. */
async function watchEngine(ping: NonNullable<Runtime['ping']>, onWaits: OnWaits, signal: AbortSignal): Promise<void> {
  for (let away = false; ; ) {
    await pause(pingIntervalMs, signal);
    if (signal.aborted) return;
    try {
      await ping(signal);
      if (away) onWaits([]);
      away = false;
    } catch (error) {
      if (signal.aborted || !isAway(error)) continue;
      away = true;
      onWaits([{ reason: 'engine_unavailable', message: error.message }]);
    }
  }
}

function isAway(error: unknown): error is Fault {
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
