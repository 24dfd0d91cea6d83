import type { ContainerState } from '../../model/engine/runtime.ts';
import { isGone } from './api-errors.ts';
import type { Cluster } from './cluster.ts';
import { bareId, podSchema } from './pod.ts';

export type LogSource = Pick<ContainerState, 'streamId' | 'containerId' | 'pod' | 'startedAt'>;

/** Which of a container's two logs it is: the current one, or that of the previous container. */
export interface LogLocation {
  pod: string;
  container: string;
  previous: boolean;
  running: boolean;
}

/** Locates the log of a container. Returns `pod gone` without its pod, `container gone` when others replaced it. */
export async function locateLog(
  { namespace }: Pick<Cluster, 'namespace'>,
  { streamId, containerId, pod: location }: LogSource,
  signal: AbortSignal,
): Promise<LogLocation | 'pod gone' | 'container gone'> {
  if (!location) return 'pod gone';
  try {
    const { metadata, status } = podSchema.parse(await namespace.get('Pod', location.name, signal));
    if (!streamId.startsWith(`${metadata.uid}/`)) return 'pod gone';
    const all = [...status.initContainerStatuses, ...status.containerStatuses];
    const found = all.find(({ name }) => name === location.container);
    const log = { pod: location.name, container: location.container };
    if (bareId(found?.lastState.terminated?.containerID) === containerId) {
      return { ...log, previous: true, running: false };
    }
    const current = bareId(found?.state.terminated?.containerID ?? found?.containerID);
    if (current !== containerId) return 'container gone';
    return { ...log, previous: false, running: found?.state.running !== undefined };
  } catch (error) {
    if (isGone(error)) return 'pod gone';
    throw error;
  }
}
