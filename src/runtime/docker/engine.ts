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
