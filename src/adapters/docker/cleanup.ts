import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { roleLabel } from '../../model/engine/labels.ts';
import type { RunObject } from '../../model/engine/runtime.ts';
import type { UndeletedObject } from '../../model/task.ts';
import { isGone, messageOf, statusOf } from './engine-errors.ts';

/** Maximum number of removal rounds, with pauses of 0.1, 0.2, 0.4 … 6.4 s in between: about 13 s in total. */
const maxRounds = 8;

/**
 * Removes the objects that `list` returns until it returns none: runners first, so that nothing new appears; then other
 * containers, then networks and volumes. Returns the leftover objects with the reasons. Throws the signal's reason when
 * aborted.
 */
export async function removeObjects(
  docker: Docker,
  list: () => Promise<RunObject[]>,
  signal: AbortSignal,
): Promise<UndeletedObject[]> {
  const reasons = new Map<string, string>();
  for (let round = 0; ; round += 1) {
    signal.throwIfAborted();
    const objects = await list();
    if (objects.length === 0) return [];
    if (round === maxRounds) return objects.map((object) => toLeftover(object, reasons.get(object.uid)));
    // New objects are removed at once; a pause follows only a failed removal.
    if (objects.some(({ uid }) => reasons.has(uid))) await pause(100 * 2 ** (round - 1), undefined, { signal });
    for (const wave of waves(objects)) {
      await Promise.all(
        wave.map(async (object) => reasons.set(object.uid, await removeObject(docker, object, signal))),
      );
    }
  }
}

function toLeftover({ kind, name, uid }: RunObject, reason = 'it reappeared after each removal'): UndeletedObject {
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

/** Removes the object with force. Returns the reason to report if it still exists afterwards. */
async function removeObject(docker: Docker, { kind, uid }: RunObject, abortSignal: AbortSignal): Promise<string> {
  try {
    // The types lack it, but dockerode accepts the signal here too.
    const container = { force: true, v: true, abortSignal };
    if (kind === 'container') await docker.getContainer(uid).remove(container);
    else if (kind === 'network') await docker.getNetwork(uid).remove({ abortSignal });
    else await docker.getVolume(uid).remove({ abortSignal });
    return 'the engine reported its removal, but it still exists';
  } catch (error) {
    if (isGone(error)) return 'the engine lists it, but answers that it does not exist';
    if (statusOf(error) !== undefined) return messageOf(error);
    throw error;
  }
}
