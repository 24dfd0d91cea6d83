import { type RenderedObject, renderTemplates } from '../../language/manifests/render-service.ts';
import { readinessPort } from '../../language/manifests/template-values.ts';
import { instanceLabel } from '../../model/engine/labels.ts';
import { type ServiceNames, serviceName } from '../../model/engine/service-names.ts';
import { Fault } from '../../model/fault.ts';
import { apiFault, isConflict } from './api-errors.ts';
import { removeObjects } from './cleanup.ts';
import { retryWhileOverQuota } from './cluster.ts';
import { servicePorts } from './hosts.ts';
import { type ClusterObject, listObjects } from './objects.ts';
import type { Kind } from './resources.ts';
import { quotaWait } from './service-not-created.ts';
import { waitUntilReady } from './service-ready.ts';
import type { ServiceRequest } from './service-request.ts';

/** Kinds of a service's objects; a runner has no permissions for others. */
const serviceKinds: readonly Kind[] = ['StatefulSet', 'Pod', 'Service'];

/**
 * Deploys a step's service as ConfigMap, headless Service and StatefulSet, and waits until every replica is ready and
 * the service answers by its name. Removes leftovers of a crashed try or an earlier attempt first. Throws
 * `image_missing`, `component_not_ready` with the last lines of its log, `port_not_served`, or the cluster's refusal.
 */
export async function deployService(request: ServiceRequest): Promise<ServiceNames> {
  const { cluster, instance, service, print, tellWait, signal } = request;
  const name = serviceName(request);
  try {
    const objects = renderTemplates({ ...request, namespace: cluster.namespace.name }, name);
    await removeStaleObjects(request);
    await openHosts(request);
    let uid = '';
    for (const { kind, manifest } of objects) {
      signal.throwIfAborted();
      const create = () => cluster.namespace.create(kind, manifest);
      let isWaiting = false;
      const onWait = async (reason: string) => {
        isWaiting = true;
        await tellWait(quotaWait(instance, reason));
        await print(`${instance}: waits for room in the quota of the namespace: ${reason}`);
      };
      const created = await retryWhileOverQuota(cluster, onWait, signal, create).catch((error: unknown) => {
        throw isConflict(error) ? nameConflict(request, kind, manifest.metadata.name) : error;
      });
      if (isWaiting) await tellWait(undefined);
      if (kind === 'StatefulSet') uid = created.metadata.uid;
    }
    const statefulSetName = nameOf(objects, 'StatefulSet');
    const svcName = nameOf(objects, 'Service');
    await print(`${instance}: StatefulSet ${statefulSetName} with ${service.replicas} replicas of ${request.image}`);
    await waitUntilReady(request, { name: statefulSetName, uid }, svcName);
    const svcEndpoint = `http://${svcName}:${service.ports[0]?.port}`;
    const configMapName = nameOf(objects, 'ConfigMap');
    return { deployName: statefulSetName, statefulSetName, configMapName, svcName, svcEndpoint };
  } catch (error) {
    signal.throwIfAborted();
    throw apiFault(error, `deploying ${instance} from ${request.image}`);
  }
}

/** Returns the name of the rendered object, which a template may choose. */
function nameOf(objects: readonly RenderedObject[], wanted: Kind): string {
  return objects.find(({ kind }) => kind === wanted)?.manifest.metadata.name ?? '';
}

/** Sets the ports of the component's host Services where they were unknown when the run began. */
async function openHosts({ cluster, marks, instance, service }: ServiceRequest): Promise<void> {
  const ports = [...new Set([...service.ports.map(({ port }) => port), readinessPort(service)])];
  const own = marks.hosts.filter((host) => host.instance === instance && host.ports.join() !== ports.join());
  await Promise.all(
    own.map((host) => cluster.namespace.patch('Service', host.service, { spec: { ports: servicePorts(ports) } })),
  );
}

/** Removes objects of the instance that a crashed try of the same step, or an earlier attempt, has left. */
async function removeStaleObjects({ cluster, testId, instance, signal }: ServiceRequest): Promise<void> {
  const list = async (): Promise<ClusterObject[]> => {
    const found = await listObjects(cluster.namespace, { testId }, signal, serviceKinds);
    return found.filter(({ labels }) => labels[instanceLabel] === instance);
  };
  const [leftover] = await removeObjects(cluster, list, signal);
  if (!leftover) return;
  const { kind, name, reason } = leftover;
  throw new Fault('unavailable', `${kind} ${name} of an earlier try cannot be removed: ${reason}`);
}

function nameConflict({ cluster }: ServiceRequest, kind: Kind, name: string): Fault {
  return new Fault('conflict', `the namespace has a ${kind} named ${name} that does not belong to this run`, {
    hint: `remove it: kubectl delete ${kind.toLowerCase()} ${name} -n ${cluster.namespace.name}`,
  });
}
