import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../model/fault.ts';
import type { RunIdentity } from '../model/run.ts';
import type { OnWaits } from '../model/waiting.ts';
import { type WaitPorts, WaitRecorder } from './wait-recorder.ts';

/** Milliseconds between two tries of what an engine that is away keeps from being done: the first, then twice as many. */
const [firstPauseMs, longestPauseMs] = [500, 5000];

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
  try {
    const done = await work(recorder.show, AbortSignal.any([signal, recorder.signal]));
    recorder.show([]);
    return done;
  } finally {
    await recorder.close();
  }
}

/** Does the work again while the engine does not answer. Throws the signal's reason. */
export async function whileEngineAway<T>(onWaits: OnWaits, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault) || error.code !== 'engine_unavailable') throw error;
      onWaits([{ reason: 'engine_unavailable', message: error.message }]);
      await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
