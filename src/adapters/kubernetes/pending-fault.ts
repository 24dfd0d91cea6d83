import { Fault, type FaultCode } from '../../model/fault.ts';
import { isPermanentPullFailure } from '../../model/pull-failure.ts';
import type { RuntimeWait } from '../../model/waiting.ts';
import type { Cluster } from './cluster.ts';
import { containerStates, isOver } from './container-states.ts';
import { disruptionFault } from './end-fault.ts';
import { missingClaim, missingMount } from './missing-reference.ts';
import type { Pod } from './pod.ts';
import { describeEvents } from './pod-events.ts';
import { pullingReasons, waitOf } from './pod-wait.ts';

/** Fault codes of waiting reasons that more time does not resolve (pkg/kubelet/images and kuberuntime). */
const permanentReasons: Record<string, FaultCode> = {
  ErrImageNeverPull: 'image_missing',
  InvalidImageName: 'image_missing',
  CreateContainerConfigError: 'container_config',
  CreateContainerError: 'container_config',
  RunContainerError: 'container_config',
};

const hints: Partial<Record<FaultCode, string>> = {
  image_missing: 'check that the image was pushed to the registry and that the cluster may pull it',
  registry_refused: 'check that the nodes of the cluster reach the registry',
  container_config: 'check that the objects the container refers to exist, and change its template',
  unschedulable: 'lower resources.requests, free capacity on the nodes, or add a node',
  not_started: 'check what its node waits for: volumes, secrets, or the pull of a large image',
};

/** Time in which a pod's referenced objects may be created after it; interval of reading a waiting pod's events. */
const graceMs = 3000;

interface Stuck {
  code: FaultCode;
  problem: string;
  hint?: string;
  /** True while it waits for an image: its events may have details of the last pull. */
  pulls?: true;
}

/** Detects pods that cannot start. Reads the events of a pod at intervals, not at every check, while it is prepared. */
export class PendingPods {
  readonly #cluster: Cluster;
  /** Time of the last reading of a pod's events. */
  readonly #readAt = new Map<string, number>();
  /** Newest description of a pod's events. */
  readonly #events = new Map<string, string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Throws, with the pod's events, when it cannot start or has not started within the limits. */
  async check(pod: Pod, signal: AbortSignal): Promise<void> {
    const cluster = this.#cluster;
    const { uid, name } = pod.metadata;
    const known = stuckBy(pod, cluster);
    if (!known && !this.#isCheckDue(pod)) return;
    const events = await describeEvents(cluster, uid, signal);
    this.#events.set(uid, events);
    const stuck: Stuck | undefined = known ?? missingMount(events);
    if (!stuck) return;
    const isHopeless = stuck.pulls === true && isPermanentPullFailure(`${stuck.problem}\n${lastPull(events)}`);
    if (stuck.pulls && !isHopeless && !isOverdue(pod, cluster)) return;
    const code = isHopeless ? 'image_missing' : stuck.code;
    const hint = stuck.hint ?? hints[code];
    throw new Fault(code, `${name} ${stuck.problem}${events}`, { hint });
  }

  /** Returns the waits of the pods. Reads the events of those other than `checked`. */
  async waits(pods: readonly Pod[], checked: Pod, signal: AbortSignal): Promise<RuntimeWait[]> {
    const others = pods.filter((pod) => pod !== checked && this.#isCheckDue(pod));
    await Promise.all(
      others.map(async ({ metadata: { uid } }) => {
        this.#events.set(uid, await describeEvents(this.#cluster, uid, signal));
      }),
    );
    return pods
      .map((pod) => waitOf(pod, this.#events.get(pod.metadata.uid) ?? ''))
      .filter((wait) => wait !== undefined);
  }

  #isCheckDue(pod: Pod): boolean {
    const { uid, creationTimestamp } = pod.metadata;
    const isMounting = pod.status.phase === 'Pending' && pod.status.conditions.some(isScheduled);
    const now = Date.now();
    const last = this.#readAt.get(uid) ?? Date.parse(creationTimestamp);
    if (!isMounting || now - last < graceMs) return false;
    this.#readAt.set(uid, now);
    return true;
  }
}

const isScheduled = ({ type, status }: Pod['status']['conditions'][number]): boolean =>
  type === 'PodScheduled' && status === 'True';

/** Returns the event of the last failed pull: its cause may be missing in the status while the next pull is awaited. */
function lastPull(events: string): string {
  return events.split('\n').findLast((line) => line.includes('Failed to pull image')) ?? '';
}

type Limits = Pick<Cluster, 'unschedulableSeconds' | 'pendingSeconds' | 'namespace'>;

/** Returns the problem of a pod that cannot start or waits for a pull; undefined when it runs or may still start. */
function stuckBy(pod: Pod, limits: Limits): Stuck | undefined {
  const { status, metadata } = pod;
  const lost = disruptionFault(pod);
  if (lost?.code === 'node_lost') return { code: lost.code, problem: `is lost: ${lost.message}` };
  // The caller reports the ends of containers, so only a pod without one is handled here.
  if (isOver(pod) && containerStates(pod).length === 0) {
    return { code: lost?.code ?? 'not_started', problem: `ended without a start: ${lost?.message ?? status.message}` };
  }
  for (const { name, state } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { reason = '', message } = state.waiting ?? {};
    const problem = `cannot start its container ${name}: ${reason}: ${message}`;
    if (pullingReasons.has(reason)) return { code: 'registry_refused', problem, pulls: true };
    const code = permanentReasons[reason];
    if (code) return { code, problem };
  }
  if (status.phase !== 'Pending') return undefined;
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
  const since = Date.parse(scheduled?.lastTransitionTime ?? metadata.creationTimestamp);
  if (scheduled?.status === 'False') {
    const missing = missingClaim(scheduled.message, limits.namespace.name);
    if (missing && Date.now() - since >= graceMs) return missing;
    if (olderThan(since, limits.unschedulableSeconds)) {
      const problem = `found no node within ${limits.unschedulableSeconds} s: ${scheduled.message}`;
      return { code: 'unschedulable', problem };
    }
  }
  if (!isOverdue(pod, limits)) return undefined;
  const waiting = status.containerStatuses.find(({ state }) => state.waiting)?.state.waiting;
  const problem = waiting ? `: ${waiting.reason} ${waiting.message}`.trimEnd() : '';
  return { code: 'not_started', problem: `did not start within ${limits.pendingSeconds} s${problem}` };
}

function isOverdue({ metadata }: Pod, { pendingSeconds }: Pick<Cluster, 'pendingSeconds'>): boolean {
  return olderThan(Date.parse(metadata.creationTimestamp), pendingSeconds);
}

function olderThan(time: number, seconds: number): boolean {
  return Date.now() - time >= seconds * 1000;
}
