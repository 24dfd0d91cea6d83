import { z } from 'zod';
import type { Owner } from '../../language/manifests/owner-reference.ts';
import type { Host } from '../../model/component.ts';
import type { Manifest } from '../../model/engine/objects.ts';
import type { RunnerRef, RunnerSpec } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { ensureAnchor, isAnchor } from './anchor.ts';
import { isConflict, isGone } from './api-errors.ts';
import { removeAll } from './cleanup.ts';
import { type Cluster, whileOverQuota } from './cluster.ts';
import { planHosts } from './hosts.ts';
import { isRunner, marksOf, runIdOf } from './identity.ts';
import { type ClusterObject, listObjects } from './objects.ts';
import type { ApiObject, Kind } from './resources.ts';
import { runnerPod } from './runner-pod.ts';
import { workSecret } from './work-secret.ts';

const tries = 10;
/** The part of a Service (core/v1) that is read of one that stands for a name. */
const serviceSchema = z.looseObject({
  spec: z.looseObject({ clusterIP: z.string(), ports: z.array(z.looseObject({ port: z.number() })) }),
});

/**
 * See Runtime.createRunner. The pod's name is the lock: whoever creates it first has made the runner, all others adopt it.
 * Everything belongs to the anchor of the run, so that what a late request makes after a cleanup goes by itself.
 */
export async function createRunner(
  cluster: Cluster,
  spec: RunnerSpec,
  signal: AbortSignal,
  onWaits?: OnWaits,
): Promise<RunnerRef> {
  const onWait = (message: string): void => {
    cluster.log.warn({ task: spec.taskId, reason: message }, 'the runner waits for room in the quota of the namespace');
    const pod = { name: runnerName(spec), role: 'runner' as const };
    onWaits?.([{ reason: 'quota_exceeded', message, source: 'runner', pod }]);
  };
  return whileOverQuota(cluster, onWait, signal, () => tryCreate(cluster, spec, signal));
}

async function tryCreate(cluster: Cluster, spec: RunnerSpec, signal: AbortSignal): Promise<RunnerRef> {
  const name = runnerName(spec);
  for (let count = 0; count < tries; count += 1) {
    signal.throwIfAborted();
    // At once, as each is two requests; what is prepared belongs to the anchor, whatever the look finds.
    const [looked, prepared] = await Promise.allSettled([
      listObjects(cluster.namespace, { testId: spec.testId }, signal),
      prepare(cluster, spec),
    ]);
    if (looked.status === 'rejected') throw looked.reason;
    if (prepared.status === 'rejected') throw prepared.reason;
    const found = looked.value;
    const own = found.find((object) => isOwnRunner(spec, object, found));
    const lives = found.some((object) => isRunner(object.metadata) && runIdOf(object.metadata) === spec.runId);
    const stale = found.filter((object) => isStale(spec, object, found, lives));
    if (stale.length > 0) {
      await removeStale(cluster, spec, stale, signal);
      continue;
    }
    if (own) return { name, uid: own.uid };
    signal.throwIfAborted();
    const uid = prepared.value && (await createPod(cluster, spec, prepared.value));
    if (uid !== undefined) return { name, uid };
  }
  const message = `${name} was taken or removed by somebody else ${tries} times while it was being made`;
  throw new Fault('unavailable', message);
}

function isOwnRunner(spec: RunnerSpec, object: ClusterObject, found: readonly ClusterObject[]): boolean {
  const { kind, name, metadata } = object;
  const isOurs = metadata.annotations[annotationNames.attempt] === String(spec.attempt);
  return kind === 'Pod' && name === runnerName(spec) && isOurs && !isStale(spec, object, found, true);
}

/**
 * Of another Temporal run of the task, or being removed, or left by an anchor that is gone. What plugins have made carries
 * no run: it is of this one while a runner of it is there, of this attempt or of one before in the same environment.
 */
function isStale(
  spec: RunnerSpec,
  { metadata }: ClusterObject,
  found: readonly ClusterObject[],
  lives: boolean,
): boolean {
  const runId = runIdOf(metadata);
  if (metadata.deletionTimestamp) return true;
  if (runId === undefined) return !lives;
  if (runId !== spec.runId) return true;
  const anchor = metadata.ownerReferences.find(({ kind }) => kind === 'ConfigMap');
  return anchor !== undefined && !found.some(({ uid, metadata: one }) => uid === anchor.uid && isAnchor(one));
}

async function removeStale(cluster: Cluster, spec: RunnerSpec, stale: ClusterObject[], signal: AbortSignal) {
  const uids = new Set(stale.map(({ uid }) => uid));
  const list = async (): Promise<ClusterObject[]> =>
    (await listObjects(cluster.namespace, { testId: spec.testId }, signal)).filter(({ uid }) => uids.has(uid));
  const [debt] = await removeAll(cluster, list, signal);
  if (!debt) return;
  const message = `${debt.kind} ${debt.name} of an earlier run cannot be removed: ${debt.reason}`;
  throw new Fault('engine_unavailable', message);
}

/** The pod to create, with all made that it needs; undefined when one of that is taken or being removed. Never aborted in the middle. */
async function prepare(cluster: Cluster, spec: RunnerSpec): Promise<Manifest | undefined> {
  const { namespace, serviceAccount, pluginClaim } = cluster;
  const anchor = await ensureAnchor(cluster, spec);
  if (!anchor) return undefined;
  const hosts = await ensureHosts(cluster, spec, anchor);
  if (!hosts) return undefined;
  const { labels, annotations } = marksOf(spec, 'component');
  const runtime = { kind: 'kubernetes' as const, labels, annotations, hosts };
  const secret = await workSecret(spec, runtime, anchor, pluginClaim === undefined);
  const parts = { namespace: namespace.name, serviceAccount, pluginClaim, hosts };
  const pod = runnerPod(spec, anchor, parts, secret);
  return (await createOwn(cluster, 'Secret', secret.manifest, anchor, spec.testId)) ? pod : undefined;
}

/** The names of the components with their addresses; those of an attempt before in the same environment are kept. */
async function ensureHosts(cluster: Cluster, spec: RunnerSpec, anchor: Owner): Promise<Host[] | undefined> {
  const made = await Promise.all(
    planHosts(spec, anchor).map(async ({ manifest, ...host }) => {
      const object = await createOwn(cluster, 'Service', manifest, anchor, spec.testId);
      if (!object) return undefined;
      const { clusterIP, ports } = serviceSchema.parse(object).spec;
      return { ...host, address: clusterIP, ports: ports.map(({ port }) => port) };
    }),
  );
  const hosts = made.filter((host) => host !== undefined);
  return hosts.length === made.length ? hosts : undefined;
}

/** The uid of the created pod, or undefined when its name is taken. */
async function createPod(cluster: Cluster, spec: RunnerSpec, pod: Manifest): Promise<string | undefined> {
  try {
    return (await cluster.namespace.create('Pod', pod)).metadata.uid;
  } catch (error) {
    if (!isConflict(error)) throw error;
    await checkIsOurs(cluster, 'Pod', runnerName(spec), spec.testId);
    return undefined;
  }
}

/** The object as it is now; undefined when its name is taken by what is about to go. */
async function createOwn(
  cluster: Cluster,
  kind: Kind,
  manifest: Manifest,
  owner: Owner,
  testId: string,
): Promise<ApiObject | undefined> {
  const { namespace } = cluster;
  const { name } = manifest.metadata;
  try {
    return await namespace.create(kind, manifest);
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  try {
    const found = await namespace.get(kind, name);
    await checkIsOurs(cluster, kind, name, testId);
    const { metadata } = found;
    const isOwn = !metadata.deletionTimestamp && metadata.ownerReferences.some(({ uid }) => uid === owner.uid);
    return isOwn ? found : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** An object of this task that holds the name is dealt with by the next look; one of anybody else never is. */
async function checkIsOurs({ namespace }: Cluster, kind: Kind, name: string, testId: string): Promise<void> {
  try {
    const { labels, annotations } = (await namespace.get(kind, name)).metadata;
    if (labels[labelNames.testId] === testId && annotations[annotationNames.run] !== undefined) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  throw new Fault('conflict', `the namespace has a ${kind} named ${name} that BrightBird did not make`, {
    hint: `remove it: kubectl delete ${kind.toLowerCase()} ${name} -n ${namespace.name}`,
  });
}
