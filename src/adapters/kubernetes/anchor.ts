import { createHash } from 'node:crypto';
import type { Owner } from '../../language/manifests/owner-reference.ts';
import { Fault } from '../../model/fault.ts';
import type { RunIdentity } from '../../model/run.ts';
import { isConflict, isGone } from './api-errors.ts';
import type { Cluster } from './cluster.ts';
import { marksOf, runIdOf } from './identity.ts';
import type { Metadata } from './resources.ts';

const anchorLabel = 'brightbird.dev/anchor';

/** Returns the name of the ConfigMap that owns all objects of a Temporal run. */
export function anchorName({ testId, runId }: Pick<RunIdentity, 'testId' | 'runId'>): string {
  return `brightbird-${testId}-${createHash('sha256').update(runId).digest('hex').slice(0, 8)}`;
}

export const isAnchor = ({ labels }: Metadata): boolean => labels[anchorLabel] === 'true';

/**
 * Creates the run's anchor, or finds the existing one. Its objects are removed with it, even those that a late request
 * creates afterwards. Returns undefined while it is being removed.
 */
export async function ensureAnchor({ namespace }: Cluster, run: RunIdentity): Promise<Owner | undefined> {
  const name = anchorName(run);
  const { labels, annotations } = marksOf(run, 'runner');
  const metadata = { name, labels: { ...labels, [anchorLabel]: 'true' }, annotations };
  try {
    const created = await namespace.create('ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      immutable: true,
      metadata,
    });
    return { name, uid: created.metadata.uid };
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  try {
    const found = (await namespace.get('ConfigMap', name)).metadata;
    if (runIdOf(found) === run.runId) return found.deletionTimestamp ? undefined : { name, uid: found.uid };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  throw new Fault('conflict', `the namespace has a ConfigMap ${name} that does not belong to this run`, {
    hint: `remove it: kubectl delete configmap ${name}`,
  });
}
