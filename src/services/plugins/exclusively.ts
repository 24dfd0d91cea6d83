import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';

/** Milliseconds after which the right of a program that died is free; the work under it is a few renames and records. */
const length = 30_000;
/** Longer than `length`, so that a crash of somebody else is outlived. */
const patience = 40_000;
const pause = 50;

/**
 * Does the work while nobody else, in whichever server, changes files of the plugin store. Throws `unavailable` when
 * somebody else does so for too long.
 */
export async function exclusively<T>(plugins: PluginStore, work: () => Promise<T>): Promise<T> {
  const holder = randomUUID();
  const until = performance.now() + patience;
  while (!(await plugins.lease(holder, length))) {
    if (performance.now() > until) throw new Fault('unavailable', 'the plugin store is being changed by somebody else');
    await delay(pause);
  }
  try {
    return await work();
  } finally {
    await plugins.release(holder).catch(() => undefined); // It ends by itself.
  }
}
