import { labelNames } from '../../model/run.ts';
import type { RunObject } from '../runtime.ts';
import { runIdOf } from './identity.ts';
import { hasEnded, podSchema } from './pod.ts';
import { type Kind, kinds, type Metadata, type Namespace } from './resources.ts';

/** The testIds of all tasks that the namespace has something of. */
export async function listTestIds(namespace: Namespace): Promise<string[]> {
  const lists = await Promise.all(kinds.map((kind) => namespace.list(kind, labelNames.testId)));
  return [
    ...new Set(lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.labels[labelNames.testId] ?? ''))),
  ];
}

/** An object of a run as the cluster has it. */
export interface ClusterObject extends RunObject {
  kind: Kind;
  metadata: Metadata;
  /** A pod whose containers have all ended for good. */
  ended?: true;
}

/**
 * What a task has in the namespace, of the wanted kinds and ConfigMaps; with `runId`, without what other Temporal runs have made. Anchors are listed last: of
 * an object that is found, the anchor existed before.
 */
export async function listObjects(
  namespace: Namespace,
  { testId, runId }: { testId: string; runId?: string },
  signal?: AbortSignal,
  wanted: readonly Kind[] = kinds,
): Promise<ClusterObject[]> {
  const list = async (kind: Kind): Promise<ClusterObject[]> => {
    const { items } = await namespace.list(kind, `${labelNames.testId}=${testId}`, signal);
    return items.map((item) => {
      const { metadata } = item;
      const { name, uid, labels } = metadata;
      const ended = kind === 'Pod' && hasEnded(podSchema.parse(item));
      return { kind, name, uid, labels, metadata, ...(ended && { ended }) };
    });
  };
  const others = await Promise.all(wanted.filter((kind) => kind !== 'ConfigMap').map(list));
  const all = [...others.flat(), ...(await list('ConfigMap'))];
  return runId === undefined ? all : all.filter(({ metadata }) => (runIdOf(metadata) ?? runId) === runId);
}
