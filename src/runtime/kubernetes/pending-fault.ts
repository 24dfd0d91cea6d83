import { Fault, type FaultCode } from '../../model/fault.ts';
import type { Cluster } from './cluster.ts';
import { containerStates, isOver } from './container-states.ts';
import { disruption } from './end-fault.ts';
import type { Pod } from './pod.ts';
import { describeEvents } from './pod-events.ts';

/** Why a container waits, where waiting longer does not help (pkg/kubelet/images and kuberuntime). */
const hopeless: Record<string, FaultCode> = {
  ErrImagePull: 'image_missing',
  ImagePullBackOff: 'image_missing',
  ErrImageNeverPull: 'image_missing',
  InvalidImageName: 'image_missing',
  ImageInspectError: 'image_missing',
  CreateContainerConfigError: 'container_config',
  CreateContainerError: 'container_config',
  RunContainerError: 'container_config',
};

/** What a kubelet says that begins a pull later, as it has begun many (registryPullQPS of its configuration). */
const postponed = 'pull QPS exceeded';

const hints: Partial<Record<FaultCode, string>> = {
  image_missing: 'see that the image was pushed to the registry and that the cluster may pull it',
  container_config: 'see that what the container refers to exists, and change its template',
  unschedulable: 'ask for less in resources.requests, free room on the nodes, or add one',
  not_started: 'see what its node waits for: volumes, secrets, or the pull of a large image',
};

interface Stuck {
  code: FaultCode;
  why: string;
}

/** Throws when a pod cannot start, or has not within the limits; with what the cluster tells in its events. */
export async function checkPending(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<void> {
  const stuck = stuckBy(pod, cluster);
  if (!stuck) return;
  const events = await describeEvents(cluster, pod.metadata.uid, signal);
  if (stuck.code === 'image_missing' && isPostponed(stuck.why, events) && !isOverdue(pod, cluster)) return;
  throw new Fault(stuck.code, `${pod.metadata.name} ${stuck.why}${events}`, {
    ...(hints[stuck.code] && { hint: hints[stuck.code] }),
  });
}

/** By the last pull that failed: while the kubelet waits for the next one, only its events may say why. */
function isPostponed(why: string, events: string): boolean {
  const failed = events.split('\n').findLast((line) => line.includes('Failed to pull image')) ?? '';
  return why.includes(postponed) || failed.includes(postponed);
}

type Limits = Pick<Cluster, 'unschedulableSeconds' | 'pendingSeconds'>;

/** Why a pod waits in vain; undefined of one that runs, or that may still start. */
export function stuckBy(pod: Pod, limits: Limits): Stuck | undefined {
  const { status, metadata } = pod;
  const lost = disruption(pod);
  if (lost?.code === 'node_lost') return { code: lost.code, why: `is lost: ${lost.message}` };
  // What an ended container has to say is read first, so only the end of a pod that has none is told from here.
  if (isOver(pod) && containerStates(pod).length === 0) {
    return { code: lost?.code ?? 'not_started', why: `ended without a start: ${lost?.message ?? status.message}` };
  }
  for (const { name, state } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const code = hopeless[state.waiting?.reason ?? ''];
    const { reason, message } = state.waiting ?? {};
    if (code) return { code, why: `cannot start its container ${name}: ${reason}: ${message}` };
  }
  if (status.phase !== 'Pending') return undefined;
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
  const since = Date.parse(scheduled?.lastTransitionTime ?? metadata.creationTimestamp);
  if (scheduled?.status === 'False' && olderThan(since, limits.unschedulableSeconds)) {
    return {
      code: 'unschedulable',
      why: `found no node within ${limits.unschedulableSeconds} s: ${scheduled.message}`,
    };
  }
  if (!isOverdue(pod, limits)) return undefined;
  const waiting = status.containerStatuses.find(({ state }) => state.waiting)?.state.waiting;
  const why = waiting ? `: ${waiting.reason} ${waiting.message}`.trimEnd() : '';
  return { code: 'not_started', why: `did not start within ${limits.pendingSeconds} s${why}` };
}

function isOverdue({ metadata }: Pod, { pendingSeconds }: Limits): boolean {
  return olderThan(Date.parse(metadata.creationTimestamp), pendingSeconds);
}

function olderThan(time: number, seconds: number): boolean {
  return Date.now() - time >= seconds * 1000;
}
