import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { engineFault, isUnreachable } from './engine-errors.ts';

/** What every part of the Docker runtime works with. */
export interface Engine {
  docker: Docker;
  log: Logger;
  /** Registry that missing images are pulled from; '' for none. */
  registry: string;
  /** How long the engine may be away before whoever waits for it gives up; `onAway` hears of each call that it did not answer. */
  patienceSeconds: number;
  onAway?: (error: unknown) => void;
  /** How long it may take to answer what it answers at once, when it is well. */
  answerSeconds: number;
  /** Hears that a runner's image has to be pulled first. */
  onPull?: () => void;
  /** How long a runner that somebody else has created may stay without being started. */
  startSeconds: number;
}

/** Calls again, with growing pauses, while the engine cannot be reached. Throws `engine_unavailable` when patience ends. */
export async function patiently<T>(engine: Engine, doing: string, signal: AbortSignal, call: () => Promise<T>) {
  const deadline = Date.now() + engine.patienceSeconds * 1000;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await call();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      engine.onAway?.(engineFault(error, doing));
      if (Date.now() + wait > deadline) throw engineFault(error, doing);
      await pause(wait, undefined, { signal });
    }
  }
}

/** The call with a signal that ends it when the engine has not answered in time, as one that cannot be reached. */
export async function inTime<T>(
  { answerSeconds }: Pick<Engine, 'answerSeconds'>,
  signal: AbortSignal,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = AbortSignal.timeout(answerSeconds * 1000);
  try {
    return await call(AbortSignal.any([signal, over]));
  } catch (error) {
    if (!over.aborted || signal.aborted) throw error;
    throw Object.assign(new Error(`no answer within ${answerSeconds} s`, { cause: error }), { code: 'ETIMEDOUT' });
  }
}
