import type Docker from 'dockerode';
import { Fault } from '../../model/fault.ts';
import type { MadeImage } from '../../model/ports/images.ts';
import { engineFault } from './engine-fault.ts';
import { findImage } from './find-image.ts';

/** Finds the image of a build script in the engine; an image under its plain name is tagged. Throws `build_failed` without one. */
export async function findBuiltImage(
  docker: Docker,
  { image, repo, plainName }: MadeImage,
): Promise<{ digest: string }> {
  const found = await findImage(docker, image);
  if (found) return found;
  const plain = plainName === undefined ? undefined : await findImage(docker, plainName);
  if (plainName === undefined || !plain) {
    const names = plainName === undefined ? image : `${image} or ${plainName}`;
    throw new Fault('build_failed', `the build script of ${repo} succeeded but produced no image ${names}`, {
      hint: 'The script must build the image $IMAGE in the engine or push it to the registry.',
    });
  }
  const colon = image.lastIndexOf(':');
  await docker
    .getImage(plainName)
    .tag({ repo: image.slice(0, colon), tag: image.slice(colon + 1) })
    .catch((error: unknown) => {
      throw engineFault(`tagging the image ${image}`, error);
    });
  return plain;
}
