import { setTimeout as delay } from 'node:timers/promises';
import { replicaSource } from '../../model/engine/replica-source.ts';
import { Fault } from '../../model/fault.ts';
import { isGone } from './engine-errors.ts';
import { pull } from './pull.ts';
import type { ServiceRequest } from './services-request.ts';

/** Delays before the retries of a pull whose registry is unavailable; after the last one the whole run is retried. */
const retryDelaysMs = [1000, 2000, 4000];

/**
 * Pulls the image unless the engine has it. The task waits meanwhile, with the first replica as the source. Throws
 * `image_missing`, `registry_refused`.
 */
export async function ensureServiceImage(request: ServiceRequest): Promise<void> {
  const { docker, image, place, print, tellWait, signal } = request;
  try {
    await docker.getImage(image).inspect();
    return;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  await print(`${place.instance}: the engine has no image ${image}, pulling it`);
  const source = replicaSource(place.instance, 0);
  const reportWait = (message: string) => tellWait({ reason: 'image_pull', message, source });
  await reportWait(`the engine pulls image ${image}`);
  for (const pause of [...retryDelaysMs, undefined]) {
    try {
      await pull(docker, image, 'correct its name, or build or load it into the engine', signal);
      return await tellWait(undefined);
    } catch (error) {
      if (pause === undefined || !(error instanceof Fault) || error.code !== 'registry_refused') throw error;
      const message = `${error.message}; trying again in ${pause / 1000} s`;
      await print(`${place.instance}: ${message}`);
      await reportWait(message);
      await delay(pause, undefined, { signal });
    }
  }
}
