import { instanceLabel, podIndexLabel, roleLabel, sourceLabel } from '../../model/engine/labels.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { comparable } from '../../model/engine/stamps.ts';
import { labelNames } from '../../model/run.ts';
import { endFault } from './end-fault.ts';
import { bareId, type ContainerStatus, type Pod, type Terminated } from './pod.ts';

/**
 * The containers of a pod that were ever started, each before the one that took its place: of those before the last one
 * the cluster has forgotten everything.
 */
export function containerStates(pod: Pod): ContainerState[] {
  const { initContainerStatuses, containerStatuses } = pod.status;
  return [...initContainerStatuses, ...containerStatuses].flatMap((status) => statesOf(pod, status));
}

function statesOf(pod: Pod, status: ContainerStatus): ContainerState[] {
  const { state, lastState, restartCount } = status;
  const last = lastState.terminated;
  const current = bareId(state.terminated?.containerID ?? status.containerID);
  const found: ContainerState[] = [];
  // While it waits to be started again, the last container is still the newest one.
  const waits = last !== undefined && bareId(last.containerID) === current;
  if (last?.containerID) {
    found.push(ended(pod, status, last, waits ? restartCount : restartCount - 1, false));
  }
  if (state.terminated && current !== '' && !waits) {
    found.push(ended(pod, status, state.terminated, restartCount, isOver(pod)));
  } else if (state.running && current !== '') {
    const { startedAt } = state.running;
    found.push({
      ...identity(pod, status, current, restartCount),
      running: true,
      ...(startedAt && { startedAt: comparable(startedAt) }),
    });
  }
  return found;
}

function ended(pod: Pod, status: ContainerStatus, end: Terminated, restarts: number, final: boolean): ContainerState {
  const fault = endFault(pod, end, final);
  return {
    ...identity(pod, status, bareId(end.containerID), restarts),
    running: false,
    ...(end.startedAt && { startedAt: comparable(end.startedAt) }),
    // Only of a container whose node does not know it any more it is missing.
    finishedAt: comparable(end.finishedAt ?? pod.metadata.creationTimestamp),
    exitCode: end.exitCode,
    outOfMemory: end.reason === 'OOMKilled',
    ...(fault && { fault }),
  };
}

function identity(pod: Pod, { name }: ContainerStatus, containerId: string, restarts: number) {
  const { uid } = pod.metadata;
  const first = name === pod.spec.containers[0]?.name;
  const isRunner = pod.metadata.labels[roleLabel] === 'runner';
  const source = isRunner ? 'runner' : podSource(pod);
  return {
    streamId: `${uid}/${containerId}`,
    containerId,
    name: pod.metadata.name,
    source: first ? source : `${source}/${name}`,
    role: isRunner && first ? ('runner' as const) : ('component' as const),
    restarts,
    pod: { name: pod.metadata.name, container: name },
    // containerLogMaxSize of a kubelet is 10 MiB, unless it says otherwise.
    logRotates: true,
  };
}

/** The name of its lines in the log: `runner`, or the component and its number. */
export function podSource({ metadata: { name, labels } }: Pod): string {
  const instance = labels[instanceLabel];
  const index = labels[podIndexLabel];
  if (labels[sourceLabel]) return labels[sourceLabel];
  if (instance !== undefined && index !== undefined) return `${instance}-${index}`;
  return labels[labelNames.appType] === 'testrunner' ? 'runner' : name;
}

/** True when the cluster starts no container of the pod any more. */
export function isOver({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}
