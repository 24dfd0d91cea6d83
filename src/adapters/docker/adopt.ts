import { setTimeout as pause } from 'node:timers/promises';
import { comparable } from '../../model/engine/stamps.ts';
import type { Engine } from './engine.ts';
import { isConflict, isGone } from './engine-errors.ts';

const lookEvery = 50;

/**
 * The id of this attempt's runner that somebody else has created, once it was started. One that stays without a start was
 * left by a worker that died before: it may lack its files, so it is removed, and its creator, if it lives after all, gives
 * up. Then, or when it vanished, undefined.
 */
export async function adopt(engine: Engine, id: string, signal: AbortSignal): Promise<string | undefined> {
  const container = engine.docker.getContainer(id);
  const deadline = Date.now() + engine.startSeconds * 1000;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { State } = await container.inspect();
      if (wasStarted(State)) return id;
      if (Date.now() > deadline) break;
      await pause(lookEvery, undefined, { signal });
    }
    engine.log.warn({ container: id }, 'removing a runner that was created but never started');
    await container.remove({ force: true, v: true });
  } catch (error) {
    // 409: its removal is under way.
    if (!isGone(error) && !isConflict(error)) throw error;
  }
  return undefined;
}

function wasStarted({ StartedAt, Status }: { StartedAt: string; Status: string }): boolean {
  return Status !== 'removing' && comparable(StartedAt) > '0001-01-01T00:00:00.000000000Z';
}
