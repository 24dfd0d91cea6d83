import type Docker from 'dockerode';
import { Fault } from '../../model/fault.ts';
import type { MadeImage } from '../../model/ports/images.ts';
import { engineFault } from './engine-fault.ts';
import { findImage } from './find-image.ts';

/** The image in the engine, one under its plain name too, which is then given its own. Throws `build_failed` without one. */
export async function findMade(docker: Docker, { image, repo, plainName }: MadeImage): Promise<{ digest: string }> {
  const found = await findImage(docker, image);
  if (found) return found;
  const plain = plainName === undefined ? undefined : await findImage(docker, plainName);
  if (plainName === undefined || !plain) {
    const names = plainName === undefined ? image : `${image} nor ${plainName}`;
    throw new Fault('build_failed', `the build script of ${repo} ended well, but there is no image ${names}`, {
      hint: 'It has to leave the image IMAGE in the engine, or in the registry.',
    });
  }
  const colon = image.lastIndexOf(':');
  await docker
    .getImage(plainName)
    .tag({ repo: image.slice(0, colon), tag: image.slice(colon + 1) })
    .catch((error: unknown) => {
      throw engineFault(`naming the image ${image}`, error);
    });
  return plain;
}
