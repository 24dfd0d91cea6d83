import { roleLabel } from '../../model/engine/labels.ts';
import type { RuntimeWait } from '../../model/waiting.ts';
import { podSource } from './container-states.ts';
import type { Pod } from './pod.ts';

/** Waiting reasons of a container whose image pull the kubelet retries (pkg/kubelet/images). */
export const pullingReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'RegistryUnavailable',
]);

type Found = Pick<RuntimeWait, 'reason' | 'message'> & { since: string | null | undefined };

/**
 * Returns the wait of a pod whose containers have not started, or have not restarted yet; undefined while they run, and
 * once it has ended or is being deleted. `events` is the newest description of its events, newest last.
 */
export function waitOf(pod: Pod, events: string): RuntimeWait | undefined {
  const { name, uid, labels, creationTimestamp, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  const found = pod.status.phase === 'Pending' ? pendingFor(pod, events) : backoffFor(pod);
  if (!found) return undefined;
  const role = labels[roleLabel] === 'runner' ? 'runner' : 'component';
  const since = new Date(found.since || creationTimestamp).toISOString();
  return { reason: found.reason, message: found.message, since, source: podSource(pod), pod: { name, uid, role } };
}

function pendingFor({ status }: Pod, events: string): Found {
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
  const since = scheduled?.lastTransitionTime;
  if (scheduled?.status !== 'True') {
    const message = scheduled?.message || 'the scheduler of the cluster has not processed it yet';
    return { reason: 'unschedulable', message, since };
  }
  for (const { state } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { reason = '', message = '' } = state.waiting ?? {};
    if (pullingReasons.has(reason)) return { reason: 'image_pull', message: `${reason}: ${message}`, since };
  }
  const last = events.split('\n').at(-1) ?? '';
  if (/^Failed(Mount|AttachVolume|MapVolume)/.test(last)) return { reason: 'volume_mount', message: last, since };
  if (last.startsWith('Pulling')) return { reason: 'image_pull', message: last, since };
  return { reason: 'container_creating', message: last || 'its node prepares its containers', since };
}

/** Returns the wait of an ended container for its restart, with growing pauses. */
function backoffFor({ status }: Pod): Found | undefined {
  if (status.phase !== 'Running') return undefined;
  const waiting = status.containerStatuses.find(({ state }) => state.waiting?.reason === 'CrashLoopBackOff');
  if (!waiting) return undefined;
  const message = waiting.state.waiting?.message || 'CrashLoopBackOff';
  return { reason: 'restart_backoff', message, since: waiting.lastState.terminated?.finishedAt };
}
