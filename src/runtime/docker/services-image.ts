import { Fault } from '../../model/fault.ts';
import { answerOf, isGone, isUnreachable } from './engine-errors.ts';
import type { ServiceRequest } from './services-request.ts';

/** Takes the image of the engine's own store as it is, and pulls one that it lacks. Throws `image_missing`. */
export async function ensureServiceImage({ docker, image, place, print, signal }: ServiceRequest): Promise<void> {
  try {
    await docker.getImage(image).inspect();
    return;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  await print(`${place.instance}: the engine has no image ${image}, pulling it`);
  const stream = await docker.pull(image, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw isUnreachable(error) ? error : missing(image, answerOf(error));
  });
  const failure = await new Promise<string | undefined>((resolve) => {
    docker.modem.followProgress(stream, (error: Error | null, output: { error?: string }[]) => {
      resolve(error?.message ?? output?.find((line) => line.error)?.error);
    });
  });
  signal.throwIfAborted();
  if (failure) throw missing(image, failure);
}

function missing(image: string, reason: string): Fault {
  return new Fault('image_missing', `the engine has no image ${image} and cannot pull it: ${reason}`, {
    hint: 'correct its name, build it or load it into the engine',
  });
}
