import type Docker from 'dockerode';
import { engineFault, statusOf } from './engine-fault.ts';

/** Finds an image in the engine's own store; returns undefined without it. Throws `engine_unavailable`. */
export async function findImage(docker: Docker, image: string): Promise<{ digest: string } | undefined> {
  try {
    const { Id: digest } = await docker.getImage(image).inspect();
    return { digest };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw engineFault(`looking for the image ${image}`, error);
  }
}
