import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { roleLabel } from '../../model/engine/labels.ts';
import type { RunObject } from '../../model/engine/runtime.ts';
import type { CleanupDebt } from '../../model/task.ts';
import { answerOf, isGone, statusOf } from './engine-errors.ts';

/** How often removal is tried, with pauses of 0.1, 0.2, 0.4 … 6.4 s between: about 13 s together. */
const rounds = 8;

/**
 * Removes the objects that `list` gives until it gives none: runners first, so that nothing new appears; then the other
 * containers, then networks and volumes. Answers with what is left, and why. Aborted, it throws the signal's reason.
 */
export async function removeAll(
  docker: Docker,
  list: () => Promise<RunObject[]>,
  signal: AbortSignal,
): Promise<CleanupDebt[]> {
  const reasons = new Map<string, string>();
  for (let round = 0; ; round += 1) {
    signal.throwIfAborted();
    const objects = await list();
    if (objects.length === 0) return [];
    if (round === rounds) return objects.map((object) => debt(object, reasons.get(object.uid)));
    // What only now comes to light is removed at once; what resists is given time.
    if (objects.some(({ uid }) => reasons.has(uid))) await pause(100 * 2 ** (round - 1), undefined, { signal });
    for (const wave of waves(objects)) {
      await Promise.all(wave.map(async (object) => reasons.set(object.uid, await remove(docker, object, signal))));
    }
  }
}

function debt({ kind, name, uid }: RunObject, reason = 'it appeared again after each removal'): CleanupDebt {
  return { kind, name, uid, reason };
}

function waves(objects: readonly RunObject[]): RunObject[][] {
  const containers = objects.filter(({ kind }) => kind === 'container');
  const isRunner = ({ labels }: RunObject): boolean => labels[roleLabel] === 'runner';
  return [
    containers.filter(isRunner),
    containers.filter((one) => !isRunner(one)),
    objects.filter(({ kind }) => kind !== 'container'),
  ];
}

/** Asks the engine to remove the object, with force; answers with the reason to give if it is still there afterwards. */
async function remove(docker: Docker, { kind, uid }: RunObject, abortSignal: AbortSignal): Promise<string> {
  try {
    // The types do not know it, but dockerode takes the signal here as well.
    const container = { force: true, v: true, abortSignal };
    if (kind === 'container') await docker.getContainer(uid).remove(container);
    else if (kind === 'network') await docker.getNetwork(uid).remove({ abortSignal });
    else await docker.getVolume(uid).remove({ abortSignal });
    return 'the engine says that it has removed it, yet it is there';
  } catch (error) {
    if (isGone(error)) return 'the engine does not find it, yet lists it';
    if (statusOf(error) !== undefined) return answerOf(error);
    throw error;
  }
}
