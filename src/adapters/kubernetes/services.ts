import { type RenderedObject, renderTemplates } from '../../language/manifests/render-service.ts';
import { readinessPort } from '../../language/manifests/template-values.ts';
import { instanceLabel } from '../../model/engine/labels.ts';
import { type ServiceNames, serviceName } from '../../model/engine/service-names.ts';
import { Fault } from '../../model/fault.ts';
import { apiFault, isConflict } from './api-errors.ts';
import { removeAll } from './cleanup.ts';
import { whileOverQuota } from './cluster.ts';
import { servicePorts } from './hosts.ts';
import { type ClusterObject, listObjects } from './objects.ts';
import type { Kind } from './resources.ts';
import { quotaWait } from './service-not-created.ts';
import { waitUntilReady } from './service-ready.ts';
import type { ServiceRequest } from './service-request.ts';

/** What a service is made of; a runner has no rights on anything else. */
const serviceKinds: readonly Kind[] = ['StatefulSet', 'Pod', 'Service'];

/**
 * Makes a service of a step as ConfigMap, headless Service and StatefulSet, and waits until every replica is ready and the
 * service answers by its name; what a crashed try or an attempt before has left is removed first. Throws `image_missing`,
 * `component_not_ready` with the last lines of its log, `port_not_served`, or why the cluster does not start it.
 */
export async function deployService(request: ServiceRequest): Promise<ServiceNames> {
  const { cluster, instance, service, print, tellWait, signal } = request;
  const name = serviceName(request);
  try {
    const objects = renderTemplates({ ...request, namespace: cluster.namespace.name }, name);
    await removeLeftOvers(request);
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
      const made = await whileOverQuota(cluster, onWait, signal, create).catch((error: unknown) => {
        throw isConflict(error) ? taken(request, kind, manifest.metadata.name) : error;
      });
      if (isWaiting) await tellWait(undefined);
      if (kind === 'StatefulSet') uid = made.metadata.uid;
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

/** A template may give its object a name of its own. */
function nameOf(objects: readonly RenderedObject[], wanted: Kind): string {
  return objects.find(({ kind }) => kind === wanted)?.manifest.metadata.name ?? '';
}

/** Gives the Services of the component's names its ports, where they could not be known when the run began. */
async function openHosts({ cluster, marks, instance, service }: ServiceRequest): Promise<void> {
  const ports = [...new Set([...service.ports.map(({ port }) => port), readinessPort(service)])];
  const own = marks.hosts.filter((host) => host.instance === instance && host.ports.join() !== ports.join());
  await Promise.all(
    own.map((host) => cluster.namespace.patch('Service', host.service, { spec: { ports: servicePorts(ports) } })),
  );
}

/** Removes the objects of the instance that a crashed try of the same step, or an attempt before, has left. */
async function removeLeftOvers({ cluster, testId, instance, signal }: ServiceRequest): Promise<void> {
  const list = async (): Promise<ClusterObject[]> => {
    const found = await listObjects(cluster.namespace, { testId }, signal, serviceKinds);
    return found.filter(({ labels }) => labels[instanceLabel] === instance);
  };
  const [debt] = await removeAll(cluster, list, signal);
  if (!debt) return;
  throw new Fault('unavailable', `${debt.kind} ${debt.name} of an earlier try cannot be removed: ${debt.reason}`);
}

function taken({ cluster }: ServiceRequest, kind: Kind, name: string): Fault {
  return new Fault('conflict', `the namespace has a ${kind} named ${name} that is not of this run`, {
    hint: `remove it: kubectl delete ${kind.toLowerCase()} ${name} -n ${cluster.namespace.name}`,
  });
}
