import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { isGone } from './engine-errors.ts';
import { pull } from './pull.ts';
import type { ServiceRequest } from './services-request.ts';

/** Milliseconds before each further try of a pull whose registry is away; after them, the whole run is tried again. */
const pauses = [1000, 2000, 4000];

/** Takes the image of the engine's own store as it is, and pulls one that it lacks. Throws `image_missing`, `registry_refused`. */
export async function ensureServiceImage({ docker, image, place, print, signal }: ServiceRequest): Promise<void> {
  try {
    await docker.getImage(image).inspect();
    return;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  await print(`${place.instance}: the engine has no image ${image}, pulling it`);
  for (const pause of [...pauses, undefined]) {
    try {
      return await pull(docker, image, 'correct its name, build it or load it into the engine', signal);
    } catch (error) {
      if (pause === undefined || !(error instanceof Fault) || error.code !== 'registry_refused') throw error;
      await print(`${place.instance}: ${error.message}; trying again in ${pause / 1000} s`);
      await delay(pause, undefined, { signal });
    }
  }
}
