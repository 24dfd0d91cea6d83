import { setTimeout as pause } from 'node:timers/promises';
import type { UndeletedObject } from '../../model/task.ts';
import { isAnchor } from './anchor.ts';
import { ApiError, isConflict, isGone } from './api-errors.ts';
import { type Cluster, retryWhileUnreachable } from './cluster.ts';
import { isRunner } from './identity.ts';
import type { ClusterObject } from './objects.ts';

/** Grace period of containers: short, as their logs were read and they are no longer needed. */
const graceSeconds = 1;

/**
 * Removes the objects that `list` returns until it returns none: the anchor first, so that the cluster also removes
 * objects that are just being created; then runners, then controllers of pods, then the rest. Returns the objects left
 * after the timeout, with the reasons.
 */
export async function removeObjects(
  cluster: Cluster,
  list: () => Promise<ClusterObject[]>,
  signal: AbortSignal,
): Promise<UndeletedObject[]> {
  const deadline = Date.now() + cluster.cleanupSeconds * 1000;
  const refusals = new Map<string, string>();
  const requested = new Set<string>();
  for (let wait = 25; ; wait = Math.min(wait * 1.5, 1000)) {
    signal.throwIfAborted();
    const objects = await retryWhileUnreachable(cluster, 'listing the objects to remove', signal, list);
    if (objects.length === 0) return [];
    if (Date.now() > deadline) return objects.map((object) => toLeftover(object, refusals.get(object.uid)));
    for (const wave of waves(objects.filter(({ uid }) => !requested.has(uid)))) {
      await Promise.all(
        wave.map(async (object) => {
          const refusal = await removeObject(cluster, object, signal);
          if (refusal === undefined) requested.add(object.uid);
          else refusals.set(object.uid, refusal);
        }),
      );
    }
    await pause(wait, undefined, { signal });
  }
}

function waves(objects: readonly ClusterObject[]): ClusterObject[][] {
  const rank = ({ kind, metadata }: ClusterObject): number => {
    if (isAnchor(metadata)) return 0;
    if (kind === 'Pod') return isRunner(metadata) ? 1 : 3;
    return kind === 'StatefulSet' || kind === 'Deployment' || kind === 'Job' ? 2 : 3;
  };
  return [0, 1, 2, 3].map((wanted) => objects.filter((object) => rank(object) === wanted));
}

/** Requests the removal of exactly this object. Returns the reason if it was refused. */
async function removeObject(
  { namespace }: Cluster,
  { kind, name, uid, ended }: ClusterObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The node takes seconds to report a pod whose containers have ended; a grace period of 0 does not wait for it.
  const grace = kind === 'Pod' && { graceSeconds: ended ? 0 : graceSeconds };
  try {
    await namespace.delete(kind, name, uid, { signal, ...grace });
    return undefined;
  } catch (error) {
    // 409: another object has taken the name.
    if (isGone(error) || isConflict(error)) return undefined;
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

function toLeftover({ kind, name, uid, metadata }: ClusterObject, refusal?: string): UndeletedObject {
  const { deletionTimestamp, finalizers } = metadata;
  const waiting =
    finalizers.length > 0
      ? `its finalizers have not finished: ${finalizers.join(', ')}`
      : kind === 'Pod'
        ? 'its node has not confirmed its end'
        : 'the cluster has not removed it yet';
  const reason = refusal ?? (deletionTimestamp ? waiting : 'it reappeared after each removal');
  return { kind, name, uid, reason };
}
