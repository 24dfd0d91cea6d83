import type Docker from 'dockerode';
import { engineFault, statusOf } from './engine-fault.ts';

/** True when the engine's own store has the image. Throws `engine_unavailable` when it cannot tell. */
export async function findImage(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw engineFault(`looking for the image ${image}`, error);
  }
}
