import type { ContainerState } from '../runtime.ts';
import { isGone } from './api-errors.ts';
import type { Cluster } from './cluster.ts';
import { bareId, podSchema } from './pod.ts';

export type LogSource = Pick<ContainerState, 'streamId' | 'containerId' | 'pod'>;

/** Which of a pod's two logs is that of the container: its current one, or that of the one before. */
export interface LogPlace {
  pod: string;
  container: string;
  previous: boolean;
  running: boolean;
}

/** Undefined when the cluster does not have the container any more, or not yet. */
export async function locate(
  { namespace }: Pick<Cluster, 'namespace'>,
  { streamId, containerId, pod: place }: LogSource,
  signal: AbortSignal,
): Promise<LogPlace | undefined> {
  if (!place) return undefined;
  try {
    const { metadata, status } = podSchema.parse(await namespace.get('Pod', place.name, signal));
    if (!streamId.startsWith(`${metadata.uid}/`)) return undefined;
    const all = [...status.initContainerStatuses, ...status.containerStatuses];
    const found = all.find(({ name }) => name === place.container);
    const where = { pod: place.name, container: place.container };
    if (bareId(found?.lastState.terminated?.containerID) === containerId) {
      return { ...where, previous: true, running: false };
    }
    const current = bareId(found?.state.terminated?.containerID ?? found?.containerID);
    return current === containerId
      ? { ...where, previous: false, running: found?.state.running !== undefined }
      : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

export function isSamePlace(a: LogPlace | undefined, b: LogPlace | undefined): boolean {
  return a?.previous === b?.previous && (a === undefined) === (b === undefined);
}
