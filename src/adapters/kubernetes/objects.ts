import type { MarkedObject, RunObject } from '../../model/engine/runtime.ts';
import { annotationNames, labelNames } from '../../model/run.ts';
import { runIdOf } from './identity.ts';
import { hasEnded, podSchema } from './pod.ts';
import { type Kind, kinds, type Metadata, type Namespace } from './resources.ts';

/** Lists the namespace's objects of all tasks. */
export async function listAllObjects(namespace: Namespace): Promise<MarkedObject[]> {
  const lists = await Promise.all(
    kinds.map(async (kind) => (await namespace.list(kind, labelNames.testId)).items.map((item) => ({ kind, ...item }))),
  );
  return lists.flat().map(({ kind, metadata: { name, uid, labels, annotations, creationTimestamp } }) => {
    const { [labelNames.installation]: installation } = labels;
    const { [annotationNames.task]: taskId, [annotationNames.run]: runId } = annotations;
    return { kind, name, uid, labels, createdAt: new Date(creationTimestamp), installation, taskId, runId };
  });
}

/** Object of a run in the cluster. */
export interface ClusterObject extends RunObject {
  kind: Kind;
  metadata: Metadata;
  /** True for a pod whose containers have all ended for good. */
  ended?: true;
}

/**
 * Lists a task's objects of the wanted kinds, and its ConfigMaps; with `runId`, without those of other Temporal runs,
 * with `installation`, only those with its mark. Anchors are listed last: the anchor of a listed object existed before
 * it.
 */
export async function listObjects(
  namespace: Namespace,
  { testId, runId, installation }: { testId: string; runId?: string; installation?: string },
  signal?: AbortSignal,
  wanted: readonly Kind[] = kinds,
): Promise<ClusterObject[]> {
  const list = async (kind: Kind): Promise<ClusterObject[]> => {
    const mark = installation === undefined ? '' : `,${labelNames.installation}=${installation}`;
    const { items } = await namespace.list(kind, `${labelNames.testId}=${testId}${mark}`, signal);
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
