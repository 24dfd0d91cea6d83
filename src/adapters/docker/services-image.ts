import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import { isGone } from './engine-errors.ts';
import { pull } from './pull.ts';
import type { ServiceRequest } from './services-request.ts';

/** Milliseconds before each further try of a pull whose registry is away; after them, the whole run is tried again. */
const pauses = [1000, 2000, 4000];

/**
 * Takes the image of the engine's own store as it is, and pulls one that it lacks, which the task shows meanwhile. Throws
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
  const tell = (message: string) => tellWait({ reason: 'image_pull', message, source: `${dnsName(place.instance)}-0` });
  await tell(`the engine pulls image ${image}`);
  for (const pause of [...pauses, undefined]) {
    try {
      await pull(docker, image, 'correct its name, build it or load it into the engine', signal);
      return await tellWait(undefined);
    } catch (error) {
      if (pause === undefined || !(error instanceof Fault) || error.code !== 'registry_refused') throw error;
      const again = `${error.message}; trying again in ${pause / 1000} s`;
      await print(`${place.instance}: ${again}`);
      await tell(again);
      await delay(pause, undefined, { signal });
    }
  }
}
