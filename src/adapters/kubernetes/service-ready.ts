import { setTimeout as delay } from 'node:timers/promises';
import { readinessPort } from '../../language/manifests/template-values.ts';
import { Alarm } from '../../model/engine/alarm.ts';
import { instanceLabel } from '../../model/engine/labels.ts';
import { probe } from '../../model/engine/probe.ts';
import { Fault } from '../../model/fault.ts';
import { labelNames } from '../../model/run.ts';
import { followPods } from './follow-pods.ts';
import { PendingPods } from './pending-fault.ts';
import type { Pod } from './pod.ts';
import { checkCrashed, notReady } from './service-failures.ts';
import { NotCreated } from './service-not-created.ts';
import type { ServiceRequest } from './service-request.ts';

/** Milliseconds between two looks when no pod has changed. */
const look = 1000;

export interface StatefulSet {
  name: string;
  uid: string;
}

/**
 * Waits until all pods of the StatefulSet are ready and its service answers by its name. Throws at once when one crashes or
 * cannot start, and `component_not_ready` or `port_not_served` when all have run for the time that the service is given.
 */
export async function waitUntilReady(request: ServiceRequest, set: StatefulSet, svcName: string): Promise<void> {
  const { cluster, service, testId, instance, print, signal } = request;
  const over = new AbortController();
  const any = AbortSignal.any([signal, over.signal]);
  const alarm = new Alarm();
  const pods = new Map<string, Pod>();
  const labelSelector = `${labelNames.testId}=${testId},${instanceLabel}=${instance}`;
  const query = { labelSelector, doing: `waiting for ${instance}` };
  let failure: { error: unknown } | undefined;
  const following = followPods(cluster, query, pods, alarm.ring, any).catch((error: unknown) => {
    failure = { error };
    alarm.ring();
  });
  const pending = new PendingPods(cluster);
  const notCreated = new NotCreated(request, set);
  const told = new Set<string>();
  const begun = performance.now();
  let runsSince: number | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      if (failure) throw failure.error;
      const own = [...pods.values()].filter(({ metadata }) =>
        metadata.ownerReferences.some(({ uid }) => uid === set.uid),
      );
      for (const pod of own) await checkCrashed(request, pod, told);
      for (const pod of own) await pending.check(pod, any);
      if (own.length < service.replicas) await notCreated.check(any);
      else await notCreated.end();
      if (own.length === service.replicas && own.every(isReady)) break;
      if (own.length === service.replicas && own.every(isRunning)) runsSince ??= performance.now();
      if (secondsSince(runsSince) > service.readiness.timeoutSeconds) throw await notReady(request, own);
      await alarm.wait(look, signal);
    }
    const left = service.readiness.timeoutSeconds - secondsSince(runsSince);
    const saw = await answered(request, svcName, Math.max(left, 5));
    const [host] = request.marks.hosts.filter((one) => one.instance === instance);
    if (host) await answered(request, host.address, Math.max(left, 5));
    await print(`${instance}: ready after ${((performance.now() - begun) / 1000).toFixed(1)} s, ${saw}`);
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

/** Asks the service by its name or address: a ready pod is there for others once its nodes know it by that. */
async function answered(request: ServiceRequest, name: string, seconds: number): Promise<string> {
  const { service, signal, instance } = request;
  const port = readinessPort(service);
  const deadline = performance.now() + seconds * 1000;
  for (let wait = 25; ; wait = Math.min(wait * 1.5, 500)) {
    const last = await probe({ address: name, host: name, port, path: service.readiness.path }, signal);
    if (last.ready) return last.saw;
    if (performance.now() > deadline) {
      throw new Fault('component_not_ready', `${instance}: its pods are ready, but its service is not: ${last.saw}`, {
        hint: 'see the Endpoints of the Service, the DNS of the cluster, and its network policies',
      });
    }
    await delay(wait, undefined, { signal });
  }
}
