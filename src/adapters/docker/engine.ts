import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { engineFault, isUnreachable } from './engine-errors.ts';

/** The engine and the settings that all parts of the Docker runtime share. */
export interface Engine {
  docker: Docker;
  log: Logger;
  /** Registry for missing images; '' for none. */
  registry: string;
  /** Time after which a call to an unreachable engine fails; `onUnreachable` is called after each try. */
  unreachableTimeoutSeconds: number;
  onUnreachable?: (error: unknown) => void;
  /** Time limit of calls that a healthy engine answers at once. */
  answerTimeoutSeconds: number;
  /** Called before a runner's image is pulled. */
  onPull?: () => void;
  /** Time in which another worker must start a runner that it created. */
  startTimeoutSeconds: number;
}

/**
 * Retries a call, with growing pauses, while the engine is unreachable; after the timeout throws `engine_unavailable`.
 */
export async function retryWhileUnreachable<T>(
  engine: Engine,
  action: string,
  signal: AbortSignal,
  call: () => Promise<T>,
) {
  const deadline = Date.now() + engine.unreachableTimeoutSeconds * 1000;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await call();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      engine.onUnreachable?.(engineFault(error, action));
      if (Date.now() + wait > deadline) throw engineFault(error, action);
      await pause(wait, undefined, { signal });
    }
  }
}

/** Makes a call with a time limit, after which it throws the error ETIMEDOUT, as of an unreachable engine. */
export async function withTimeout<T>(
  { answerTimeoutSeconds }: Engine,
  signal: AbortSignal,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(answerTimeoutSeconds * 1000);
  try {
    return await call(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw Object.assign(new Error(`no answer within ${answerTimeoutSeconds} s`, { cause: error }), {
      code: 'ETIMEDOUT',
    });
  }
}
