import { instanceLabel, podIndexLabel, roleLabel, sourceLabel } from '../../model/engine/labels.ts';
import { replicaSource } from '../../model/engine/replica-source.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import { labelNames } from '../../model/run.ts';
import { endFault } from './end-fault.ts';
import { bareId, type ContainerStatus, type Pod, type Terminated } from './pod.ts';

/**
 * Returns the states of a pod's started containers, each before the one that replaced it. The cluster knows only the
 * last two of them.
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
  // While a pod waits for a restart, its last container is still the newest one.
  const isWaiting = last !== undefined && bareId(last.containerID) === current;
  if (last?.containerID) {
    found.push(endedState(pod, status, last, isWaiting ? restartCount : restartCount - 1, false));
  }
  if (state.terminated && current !== '' && !isWaiting) {
    found.push(endedState(pod, status, state.terminated, restartCount, isOver(pod)));
  } else if (state.running && current !== '') {
    const { startedAt } = state.running;
    found.push({
      ...identity(pod, status, current, restartCount),
      running: true,
      ...(startedAt && { startedAt: normalizeTimestamp(startedAt) }),
    });
  }
  return found;
}

function endedState(
  pod: Pod,
  status: ContainerStatus,
  end: Terminated,
  restarts: number,
  final: boolean,
): ContainerState {
  const fault = endFault(pod, end, final);
  return {
    ...identity(pod, status, bareId(end.containerID), restarts),
    running: false,
    ...(end.startedAt && { startedAt: normalizeTimestamp(end.startedAt) }),
    // Missing only when the node no longer knows the container.
    finishedAt: normalizeTimestamp(end.finishedAt ?? pod.metadata.creationTimestamp),
    exitCode: end.exitCode,
    outOfMemory: end.reason === 'OOMKilled',
    fault,
  };
}

function identity(pod: Pod, { name }: ContainerStatus, containerId: string, restarts: number) {
  const { uid } = pod.metadata;
  const isFirst = name === pod.spec.containers[0]?.name;
  const isRunner = pod.metadata.labels[roleLabel] === 'runner';
  const source = isRunner ? 'runner' : podSource(pod);
  return {
    streamId: `${uid}/${containerId}`,
    containerId,
    name: pod.metadata.name,
    source: isFirst ? source : `${source}/${name}`,
    role: isRunner && isFirst ? ('runner' as const) : ('component' as const),
    restarts,
    pod: { name: pod.metadata.name, container: name },
    // A kubelet's containerLogMaxSize is 10 MiB by default.
    logRotates: true,
  };
}

/** Returns the source of the pod's log lines and waits: `runner`, or that of a replica, see replicaSource. */
export function podSource({ metadata: { name, labels } }: Pod): string {
  const instance = labels[instanceLabel];
  const index = labels[podIndexLabel];
  if (labels[sourceLabel]) return labels[sourceLabel];
  if (instance !== undefined && index !== undefined) return replicaSource(instance, index);
  return labels[labelNames.appType] === 'testrunner' ? 'runner' : name;
}

/** Tells whether the pod has ended, so that the cluster starts no more containers of it. */
export function isOver({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}
