import { Fault, type FaultCode } from '../../model/fault.ts';
import { isHopelessPull } from '../../model/pull-failure.ts';
import type { RuntimeWait } from '../../model/waiting.ts';
import type { Cluster } from './cluster.ts';
import { containerStates, isOver } from './container-states.ts';
import { disruption } from './end-fault.ts';
import { missingClaim, missingMount } from './missing-reference.ts';
import type { Pod } from './pod.ts';
import { describeEvents } from './pod-events.ts';
import { pulling, waitOf } from './pod-wait.ts';

/** Why a container waits, where waiting longer does not help (pkg/kubelet/images and kuberuntime). */
const hopeless: Record<string, FaultCode> = {
  ErrImageNeverPull: 'image_missing',
  InvalidImageName: 'image_missing',
  CreateContainerConfigError: 'container_config',
  CreateContainerError: 'container_config',
  RunContainerError: 'container_config',
};

const hints: Partial<Record<FaultCode, string>> = {
  image_missing: 'see that the image was pushed to the registry and that the cluster may pull it',
  registry_refused: 'see that the nodes of the cluster reach the registry',
  container_config: 'see that what the container refers to exists, and change its template',
  unschedulable: 'ask for less in resources.requests, free room on the nodes, or add one',
  not_started: 'see what its node waits for: volumes, secrets, or the pull of a large image',
};

/** Milliseconds that what a pod refers to may come after the pod, and between two looks at the events of one that waits. */
const graceMs = 3000;

interface Stuck {
  code: FaultCode;
  why: string;
  hint?: string;
  /** Waits for an image: its events may say more of the last pull. */
  pulls?: true;
}

/** Finds out whether pods wait in vain; looks at the events of one that waits for its node, but not at every look. */
export class PendingPods {
  readonly #cluster: Cluster;
  readonly #looks = new Map<string, number>();
  /** What was said of a pod at the last look at its events. */
  readonly #events = new Map<string, string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Throws when a pod cannot start, or has not within the limits; with what the cluster tells in its events. */
  async check(pod: Pod, signal: AbortSignal): Promise<void> {
    const cluster = this.#cluster;
    const { uid, name } = pod.metadata;
    const known = stuckBy(pod, cluster);
    if (!known && !this.#isTimeToLook(pod)) return;
    const events = await describeEvents(cluster, uid, signal);
    this.#events.set(uid, events);
    const stuck: Stuck | undefined = known ?? missingMount(events);
    if (!stuck) return;
    const isHopeless = stuck.pulls === true && isHopelessPull(`${stuck.why}\n${lastPull(events)}`);
    if (stuck.pulls && !isHopeless && !isOverdue(pod, cluster)) return;
    const code = isHopeless ? 'image_missing' : stuck.code;
    const hint = stuck.hint ?? hints[code];
    throw new Fault(code, `${name} ${stuck.why}${events}`, { ...(hint && { hint }) });
  }

  /** What the pods wait for; of those that are not checked it looks at the events itself. */
  async waits(pods: readonly Pod[], checked: Pod, signal: AbortSignal): Promise<RuntimeWait[]> {
    const others = pods.filter((pod) => pod !== checked && this.#isTimeToLook(pod));
    await Promise.all(
      others.map(async ({ metadata: { uid } }) => {
        this.#events.set(uid, await describeEvents(this.#cluster, uid, signal));
      }),
    );
    return pods
      .map((pod) => waitOf(pod, this.#events.get(pod.metadata.uid) ?? ''))
      .filter((wait) => wait !== undefined);
  }

  #isTimeToLook(pod: Pod): boolean {
    const { uid, creationTimestamp } = pod.metadata;
    const isMounting = pod.status.phase === 'Pending' && pod.status.conditions.some(isScheduled);
    const now = Date.now();
    const last = this.#looks.get(uid) ?? Date.parse(creationTimestamp);
    if (!isMounting || now - last < graceMs) return false;
    this.#looks.set(uid, now);
    return true;
  }
}

const isScheduled = ({ type, status }: Pod['status']['conditions'][number]): boolean =>
  type === 'PodScheduled' && status === 'True';

/** While the kubelet waits for the next pull, only its events may say why the last one has failed. */
function lastPull(events: string): string {
  return events.split('\n').findLast((line) => line.includes('Failed to pull image')) ?? '';
}

type Limits = Pick<Cluster, 'unschedulableSeconds' | 'pendingSeconds' | 'namespace'>;

/** Why a pod waits in vain, or for a pull; undefined of one that runs, or that may still start. */
function stuckBy(pod: Pod, limits: Limits): Stuck | undefined {
  const { status, metadata } = pod;
  const lost = disruption(pod);
  if (lost?.code === 'node_lost') return { code: lost.code, why: `is lost: ${lost.message}` };
  // What an ended container has to say is read first, so only the end of a pod that has none is told from here.
  if (isOver(pod) && containerStates(pod).length === 0) {
    return { code: lost?.code ?? 'not_started', why: `ended without a start: ${lost?.message ?? status.message}` };
  }
  for (const { name, state } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { reason = '', message } = state.waiting ?? {};
    const why = `cannot start its container ${name}: ${reason}: ${message}`;
    if (pulling.has(reason)) return { code: 'registry_refused', why, pulls: true };
    const code = hopeless[reason];
    if (code) return { code, why };
  }
  if (status.phase !== 'Pending') return undefined;
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
  const since = Date.parse(scheduled?.lastTransitionTime ?? metadata.creationTimestamp);
  if (scheduled?.status === 'False') {
    const missing = missingClaim(scheduled.message, limits.namespace.name);
    if (missing && Date.now() - since >= graceMs) return missing;
    if (olderThan(since, limits.unschedulableSeconds)) {
      const why = `found no node within ${limits.unschedulableSeconds} s: ${scheduled.message}`;
      return { code: 'unschedulable', why };
    }
  }
  if (!isOverdue(pod, limits)) return undefined;
  const waiting = status.containerStatuses.find(({ state }) => state.waiting)?.state.waiting;
  const why = waiting ? `: ${waiting.reason} ${waiting.message}`.trimEnd() : '';
  return { code: 'not_started', why: `did not start within ${limits.pendingSeconds} s${why}` };
}

function isOverdue({ metadata }: Pod, { pendingSeconds }: Pick<Cluster, 'pendingSeconds'>): boolean {
  return olderThan(Date.parse(metadata.creationTimestamp), pendingSeconds);
}

function olderThan(time: number, seconds: number): boolean {
  return Date.now() - time >= seconds * 1000;
}
