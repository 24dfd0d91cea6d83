import type { ContainerState } from '../../model/engine/runtime.ts';
import { isGone } from './api-errors.ts';
import type { Cluster } from './cluster.ts';
import { bareId, podSchema } from './pod.ts';

export type LogSource = Pick<ContainerState, 'streamId' | 'containerId' | 'pod' | 'startedAt'>;

/** Which of a pod's two logs is that of the container: its current one, or that of the one before. */
export interface LogPlace {
  pod: string;
  container: string;
  previous: boolean;
  running: boolean;
}

/** `pod gone` without the pod, `container gone` when it has had others since. */
export async function locate(
  { namespace }: Pick<Cluster, 'namespace'>,
  { streamId, containerId, pod: place }: LogSource,
  signal: AbortSignal,
): Promise<LogPlace | 'pod gone' | 'container gone'> {
  if (!place) return 'pod gone';
  try {
    const { metadata, status } = podSchema.parse(await namespace.get('Pod', place.name, signal));
    if (!streamId.startsWith(`${metadata.uid}/`)) return 'pod gone';
    const all = [...status.initContainerStatuses, ...status.containerStatuses];
    const found = all.find(({ name }) => name === place.container);
    const where = { pod: place.name, container: place.container };
    if (bareId(found?.lastState.terminated?.containerID) === containerId) {
      return { ...where, previous: true, running: false };
    }
    const current = bareId(found?.state.terminated?.containerID ?? found?.containerID);
    if (current !== containerId) return 'container gone';
    return { ...where, previous: false, running: found?.state.running !== undefined };
  } catch (error) {
    if (isGone(error)) return 'pod gone';
    throw error;
  }
}
