import type Docker from 'dockerode';
import { engineFault, statusOf } from './engine-fault.ts';

/** The image in the engine's own store, if it is there. Throws `engine_unavailable` when it cannot tell. */
export async function findImage(docker: Docker, image: string): Promise<{ digest: string } | undefined> {
  try {
    const { Id: digest } = await docker.getImage(image).inspect();
    return { digest };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw engineFault(`looking for the image ${image}`, error);
  }
}
