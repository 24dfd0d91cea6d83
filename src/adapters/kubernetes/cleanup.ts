import { setTimeout as pause } from 'node:timers/promises';
import type { CleanupDebt } from '../../model/task.ts';
import { isAnchor } from './anchor.ts';
import { ApiError, isConflict, isGone } from './api-errors.ts';
import { type Cluster, patiently } from './cluster.ts';
import { isRunner } from './identity.ts';
import type { ClusterObject } from './objects.ts';

/** Seconds that a container gets to end itself: its log was read, and nobody needs it any more. */
const graceSeconds = 1;

/**
 * Removes the objects that `list` gives until it gives none: the anchor first, so that the cluster takes also what is only
 * now being made; then runners, then what makes pods, then the rest. Answers with what is left when patience ends, and why.
 */
export async function removeAll(
  cluster: Cluster,
  list: () => Promise<ClusterObject[]>,
  signal: AbortSignal,
): Promise<CleanupDebt[]> {
  const deadline = Date.now() + cluster.cleanupSeconds * 1000;
  const refusals = new Map<string, string>();
  const asked = new Set<string>();
  for (let wait = 25; ; wait = Math.min(wait * 1.5, 1000)) {
    signal.throwIfAborted();
    const objects = await patiently(cluster, 'listing what is to be removed', signal, list);
    if (objects.length === 0) return [];
    if (Date.now() > deadline) return objects.map((object) => debt(object, refusals.get(object.uid)));
    for (const wave of waves(objects.filter(({ uid }) => !asked.has(uid)))) {
      await Promise.all(
        wave.map(async (object) => {
          const refusal = await remove(cluster, object, signal);
          if (refusal === undefined) asked.add(object.uid);
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

/** Asks for the removal of exactly this object; answers with why that was refused. */
async function remove(
  { namespace }: Cluster,
  { kind, name, uid, ended }: ClusterObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The node takes seconds to say that a pod is over whose containers have ended; with 0 it need not be waited for.
  const grace = kind === 'Pod' && { graceSeconds: ended ? 0 : graceSeconds };
  try {
    await namespace.delete(kind, name, uid, { signal, ...grace });
    return undefined;
  } catch (error) {
    // 409: another object has the name by now.
    if (isGone(error) || isConflict(error)) return undefined;
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

function debt({ kind, name, uid, metadata }: ClusterObject, refusal?: string): CleanupDebt {
  const { deletionTimestamp, finalizers } = metadata;
  const waiting =
    finalizers.length > 0
      ? `its finalizers are not done: ${finalizers.join(', ')}`
      : kind === 'Pod'
        ? 'its node has not confirmed its end'
        : 'the cluster has not removed it yet';
  const reason = refusal ?? (deletionTimestamp ? waiting : 'it appeared again after each removal');
  return { kind, name, uid, reason };
}
