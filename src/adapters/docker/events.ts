import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** Seconds of earlier events to repeat: the engine answers a moment before it listens. */
const overlapSeconds = 2;

/**
 * Calls `onChange` at each start and end of containers with the labels, and whenever the engine's event stream begins
 * or breaks, as events may have been missed. Reopens the stream until aborted.
 */
export async function followEvents(
  { docker, log }: Engine,
  label: string[],
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ type: ['container'], event: ['start', 'die', 'oom', 'destroy'], label });
  for (let wait = 50; !signal.aborted; wait = Math.min(wait * 2, 2000)) {
    try {
      const since = Math.floor(Date.now() / 1000) - overlapSeconds;
      // The types lack it, but dockerode accepts the signal here too.
      const options = { filters, since, abortSignal: signal };
      const stream = await docker.getEvents(options);
      wait = 50;
      onChange();
      for await (const _events of stream) onChange();
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "connection of the engine's event stream broke");
    }
    onChange();
    // The loop ends when aborted.
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }
}
