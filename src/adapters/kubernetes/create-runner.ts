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
import { removeObjects } from './cleanup.ts';
import { type Cluster, retryWhileOverQuota } from './cluster.ts';
import { planHosts } from './hosts.ts';
import { isRunner, marksOf, runIdOf } from './identity.ts';
import { type ClusterObject, listObjects } from './objects.ts';
import type { ApiObject, Kind } from './resources.ts';
import { runnerPod } from './runner-pod.ts';
import { workSecret } from './work-secret.ts';

const maxTries = 10;
/** Schema of the fields that are read of a Service (core/v1). */
const serviceSchema = z.looseObject({
  spec: z.looseObject({ clusterIP: z.string(), ports: z.array(z.looseObject({ port: z.number() })) }),
});

/**
 * Implements Runtime.createRunner. The pod's name is the lock: the first caller creates the runner, all others adopt
 * it. The run's anchor owns all objects, so that those a late request creates after a cleanup are removed too.
 */
export async function createRunner(
  cluster: Cluster,
  spec: RunnerSpec,
  signal: AbortSignal,
  onWaits?: OnWaits,
): Promise<RunnerRef> {
  const onWait = (message: string): void => {
    cluster.log.warn({ taskId: spec.taskId, reason: message }, 'runner waits for room in the quota of the namespace');
    const pod = { name: runnerName(spec), role: 'runner' as const };
    onWaits?.([{ reason: 'quota_exceeded', message, source: 'runner', pod }]);
  };
  return retryWhileOverQuota(cluster, onWait, signal, () => tryCreate(cluster, spec, signal));
}

async function tryCreate(cluster: Cluster, spec: RunnerSpec, signal: AbortSignal): Promise<RunnerRef> {
  const name = runnerName(spec);
  for (let count = 0; count < maxTries; count += 1) {
    signal.throwIfAborted();
    // In parallel, as each is two requests; prepared objects belong to the anchor, whatever the list has.
    const [listed, prepared] = await Promise.allSettled([
      listObjects(cluster.namespace, { testId: spec.testId }, signal),
      prepare(cluster, spec),
    ]);
    if (listed.status === 'rejected') throw listed.reason;
    if (prepared.status === 'rejected') throw prepared.reason;
    const found = listed.value;
    const own = found.find((object) => isOwnRunner(spec, object, found));
    const hasRunner = found.some((object) => isRunner(object.metadata) && runIdOf(object.metadata) === spec.runId);
    const stale = found.filter((object) => isStale(spec, object, found, hasRunner));
    if (stale.length > 0) {
      await removeStale(cluster, spec, stale, signal);
      continue;
    }
    if (own) return { name, uid: own.uid };
    signal.throwIfAborted();
    const uid = prepared.value && (await createPod(cluster, spec, prepared.value));
    if (uid !== undefined) return { name, uid };
  }
  const message = `cannot create ${name}: it was created or removed by another program ${maxTries} times in between`;
  throw new Fault('unavailable', message);
}

function isOwnRunner(spec: RunnerSpec, object: ClusterObject, found: readonly ClusterObject[]): boolean {
  const { kind, name, metadata } = object;
  const isOurs = metadata.annotations[annotationNames.attempt] === String(spec.attempt);
  return kind === 'Pod' && name === runnerName(spec) && isOurs && !isStale(spec, object, found, true);
}

/**
 * Tells whether the object belongs to another Temporal run of the task, is being removed, or has lost its anchor.
 * Objects of plugins name no run: they belong to this one while it has a runner, of this attempt or of an earlier one
 * in the same environment.
 */
function isStale(
  spec: RunnerSpec,
  { metadata }: ClusterObject,
  found: readonly ClusterObject[],
  hasRunner: boolean,
): boolean {
  const runId = runIdOf(metadata);
  if (metadata.deletionTimestamp) return true;
  if (runId === undefined) return !hasRunner;
  if (runId !== spec.runId) return true;
  const anchor = metadata.ownerReferences.find(({ kind }) => kind === 'ConfigMap');
  return anchor !== undefined && !found.some(({ uid, metadata: one }) => uid === anchor.uid && isAnchor(one));
}

async function removeStale(cluster: Cluster, spec: RunnerSpec, stale: ClusterObject[], signal: AbortSignal) {
  const uids = new Set(stale.map(({ uid }) => uid));
  const list = async (): Promise<ClusterObject[]> =>
    (await listObjects(cluster.namespace, { testId: spec.testId }, signal)).filter(({ uid }) => uids.has(uid));
  const [leftover] = await removeObjects(cluster, list, signal);
  if (!leftover) return;
  const message = `${leftover.kind} ${leftover.name} of an earlier run cannot be removed: ${leftover.reason}`;
  throw new Fault('engine_unavailable', message);
}

/**
 * Creates all objects that the pod needs, and returns its manifest, or undefined when one of their names is taken or an
 * object is being removed. Not aborted in between.
 */
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

/** Returns the components' names with their addresses; keeps those of an earlier attempt in the same environment. */
async function ensureHosts(cluster: Cluster, spec: RunnerSpec, anchor: Owner): Promise<Host[] | undefined> {
  const created = await Promise.all(
    planHosts(spec, anchor).map(async ({ manifest, ...host }) => {
      const object = await createOwn(cluster, 'Service', manifest, anchor, spec.testId);
      if (!object) return undefined;
      const { clusterIP, ports } = serviceSchema.parse(object).spec;
      return { ...host, address: clusterIP, ports: ports.map(({ port }) => port) };
    }),
  );
  const hosts = created.filter((host) => host !== undefined);
  return hosts.length === created.length ? hosts : undefined;
}

/** Creates the pod and returns its uid, or undefined when its name is taken. */
async function createPod(cluster: Cluster, spec: RunnerSpec, pod: Manifest): Promise<string | undefined> {
  try {
    return (await cluster.namespace.create('Pod', pod)).metadata.uid;
  } catch (error) {
    if (!isConflict(error)) throw error;
    await checkIsOurs(cluster, 'Pod', runnerName(spec), spec.testId);
    return undefined;
  }
}

/** Creates the object or finds it. Returns undefined while its name is taken by an object that is to be removed. */
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

/** Throws conflict when the name belongs to an object outside this task; the next try handles one of this task. */
async function checkIsOurs({ namespace }: Cluster, kind: Kind, name: string, testId: string): Promise<void> {
  try {
    const { labels, annotations } = (await namespace.get(kind, name)).metadata;
    if (labels[labelNames.testId] === testId && annotations[annotationNames.run] !== undefined) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  throw new Fault('conflict', `the namespace has a ${kind} named ${name} that BrightBird did not create`, {
    hint: `remove it: kubectl delete ${kind.toLowerCase()} ${name} -n ${namespace.name}`,
  });
}
