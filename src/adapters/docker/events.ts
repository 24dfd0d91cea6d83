import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** Seconds that are told again at the start: the engine answers a moment before it listens. */
const overlap = 2;

/**
 * Calls `ring` at each start and end of containers with the labels, and whenever the engine's stream of events begins or
 * breaks, as things may have happened unheard. Opens the stream again until aborted.
 */
export async function followEvents(
  { docker, log }: Engine,
  label: string[],
  ring: () => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ type: ['container'], event: ['start', 'die', 'oom', 'destroy'], label });
  for (let wait = 50; !signal.aborted; wait = Math.min(wait * 2, 2000)) {
    try {
      const since = Math.floor(Date.now() / 1000) - overlap;
      // The types do not know it, but dockerode takes the signal here as well.
      const options = { filters, since, abortSignal: signal };
      const stream = await docker.getEvents(options);
      wait = 50;
      ring();
      for await (const _events of stream) ring();
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "the engine's events broke off");
    }
    ring();
    // Aborted, the loop ends.
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}
