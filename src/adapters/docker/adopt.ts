import { setTimeout as pause } from 'node:timers/promises';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import type { Engine } from './engine.ts';
import { isConflict, isGone } from './engine-errors.ts';

const pollIntervalMs = 50;

/**
 * Waits until a runner that another worker created is started, and returns its id. Returns undefined when it vanished
 * or was not started within `startTimeoutSeconds`: its worker died and it may lack files, so it is removed; a creator
 * that still runs gives up.
 */
export async function adoptRunner(engine: Engine, id: string, signal: AbortSignal): Promise<string | undefined> {
  const container = engine.docker.getContainer(id);
  const deadline = Date.now() + engine.startTimeoutSeconds * 1000;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { State } = await container.inspect();
      if (wasStarted(State)) return id;
      if (Date.now() > deadline) break;
      await pause(pollIntervalMs, undefined, { signal });
    }
    engine.log.warn({ containerId: id }, 'removing a runner that was created but never started');
    await container.remove({ force: true, v: true });
  } catch (error) {
    // 409: it is already being removed.
    if (!isGone(error) && !isConflict(error)) throw error;
  }
  return undefined;
}

function wasStarted({ StartedAt, Status }: { StartedAt: string; Status: string }): boolean {
  return Status !== 'removing' && normalizeTimestamp(StartedAt) > '0001-01-01T00:00:00.000000000Z';
}
