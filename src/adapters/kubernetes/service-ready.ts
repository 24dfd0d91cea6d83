import { setTimeout as delay } from 'node:timers/promises';
import { readinessPort } from '../../language/manifests/template-values.ts';
import { AutoResetEvent } from '../../model/engine/auto-reset-event.ts';
import { instanceLabel } from '../../model/engine/labels.ts';
import { probe } from '../../model/engine/probe.ts';
import { Fault } from '../../model/fault.ts';
import { labelNames } from '../../model/run.ts';
import { followPods } from './follow-pods.ts';
import { PendingPods } from './pending-fault.ts';
import type { Pod } from './pod.ts';
import { checkCrashed, notReadyFault } from './service-failures.ts';
import { PodCreationCheck } from './service-not-created.ts';
import type { ServiceRequest } from './service-request.ts';

/** Interval of checks while no pod changes. */
const pollIntervalMs = 1000;

export interface StatefulSet {
  name: string;
  uid: string;
}

/**
 * Waits until all pods of the StatefulSet are ready and its service answers by its name. Throws at once when a pod
 * crashes or cannot start, and `component_not_ready` or `port_not_served` when all have run for the service's timeout.
 */
export async function waitUntilReady(request: ServiceRequest, set: StatefulSet, svcName: string): Promise<void> {
  const { cluster, service, testId, instance, print, signal } = request;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const changed = new AutoResetEvent();
  const pods = new Map<string, Pod>();
  const labelSelector = `${labelNames.testId}=${testId},${instanceLabel}=${instance}`;
  const query = { labelSelector, action: `waiting for ${instance}` };
  let failure: { error: unknown } | undefined;
  const following = followPods(cluster, query, pods, changed.set, any).catch((error: unknown) => {
    failure = { error };
    changed.set();
  });
  const pending = new PendingPods(cluster);
  const notCreated = new PodCreationCheck(request, set);
  const reported = new Set<string>();
  const startedAt = performance.now();
  let runsSince: number | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      if (failure) throw failure.error;
      const own = [...pods.values()].filter(({ metadata }) =>
        metadata.ownerReferences.some(({ uid }) => uid === set.uid),
      );
      for (const pod of own) await checkCrashed(request, pod, reported);
      for (const pod of own) await pending.check(pod, any);
      if (own.length < service.replicas) await notCreated.check(any);
      else await notCreated.end();
      if (own.length === service.replicas && own.every(isReady)) break;
      if (own.length === service.replicas && own.every(isRunning)) runsSince ??= performance.now();
      if (secondsSince(runsSince) > service.readiness.timeoutSeconds) throw await notReadyFault(request, own);
      await changed.wait(pollIntervalMs, signal);
    }
    const remainingSeconds = service.readiness.timeoutSeconds - secondsSince(runsSince);
    const saw = await waitForAnswer(request, svcName, Math.max(remainingSeconds, 5));
    const [host] = request.marks.hosts.filter((one) => one.instance === instance);
    if (host) await waitForAnswer(request, host.address, Math.max(remainingSeconds, 5));
    await print(`${instance}: ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${saw}`);
  } finally {
    over.abort();
    await following;
  }
}

const isReady = ({ metadata, status }: Pod): boolean =>
  !metadata.deletionTimestamp && status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');

const isRunning = ({ status }: Pod): boolean =>
  status.containerStatuses.length > 0 && status.containerStatuses.every(({ state }) => state.running);

function secondsSince(time: number | undefined): number {
  return time === undefined ? 0 : (performance.now() - time) / 1000;
}

/** Waits until the service answers by its name or address: nodes may learn it after its pods are ready. */
async function waitForAnswer(request: ServiceRequest, name: string, seconds: number): Promise<string> {
  const { service, signal, instance } = request;
  const port = readinessPort(service);
  const deadline = performance.now() + seconds * 1000;
  for (let wait = 25; ; wait = Math.min(wait * 1.5, 500)) {
    const last = await probe({ address: name, host: name, port, path: service.readiness.path }, signal);
    if (last.ready) return last.detail;
    if (performance.now() > deadline) {
      throw new Fault(
        'component_not_ready',
        `${instance}: its pods are ready, but its service is not: ${last.detail}`,
        {
          hint: 'check the Endpoints of the Service, the DNS of the cluster, and its network policies',
        },
      );
    }
    await delay(wait, undefined, { signal });
  }
}
