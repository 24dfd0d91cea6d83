import type { ServiceNames } from '../../model/engine/service-names.ts';
import { dnsName } from '../../model/names.ts';
import { engineFault } from './engine-errors.ts';
import { removeStaleContainers, startReplica } from './services-containers.ts';
import { ensureServiceImage } from './services-image.ts';
import { waitUntilReady } from './services-ready.ts';
import type { ServiceRequest } from './services-request.ts';
import { checkVolumes } from './volumes.ts';

/**
 * Starts a service as containers in the run's network and waits until every replica is ready; leftovers of a crashed
 * try or an earlier attempt are removed first. Its DNS name is that of the instance, those of replicas are
 * `<instance>-<i>`. Throws `image_missing`, `component_not_ready` with the last lines of its log, or `port_not_served`.
 */
export async function deployService(request: ServiceRequest): Promise<ServiceNames> {
  const { docker, place, image, service, signal } = request;
  const dns = dnsName(place.instance);
  const base = `${dns}-${place.testId}${place.attempt > 1 ? `-${place.attempt}` : ''}`;
  const failed = new AbortController();
  const any = AbortSignal.any([signal, failed.signal]);
  try {
    await removeStaleContainers(docker, place);
    await checkVolumes(docker, service);
    await ensureServiceImage(request);
    const replicas = Array.from({ length: service.replicas }, async (_, index) => {
      const replica = await startReplica({ ...request, signal: any }, `${base}-${index}`, index);
      await waitUntilReady({ ...request, signal: any }, replica);
    });
    // The first failure aborts the others, whose failures would only be noise.
    for (const replica of replicas) replica.catch((error: unknown) => failed.abort(error));
    const results = await Promise.allSettled(replicas);
    signal.throwIfAborted();
    if (failed.signal.aborted) throw failed.signal.reason;
    const rejected = results.find((result) => result.status === 'rejected');
    if (rejected) throw rejected.reason;
  } catch (error) {
    throw engineFault(error, `deploying ${place.instance} from ${image}`);
  }
  const svcEndpoint = `http://${dns}:${service.ports[0]?.port}`;
  return { deployName: base, statefulSetName: base, configMapName: base, svcName: dns, svcEndpoint };
}
