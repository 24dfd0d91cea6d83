import { Fault } from '../../model/fault.ts';
import type { Engine } from './engine.ts';
import { answerOf, isUnreachable } from './engine-errors.ts';

/** Pulls from the configured registry alone: an image of the engine's own store is used as it is, any other is a mistake. */
export async function pullImage({ docker, registry, log }: Engine, image: string, signal: AbortSignal): Promise<void> {
  if (registry === '' || !image.startsWith(`${registry}/`)) {
    throw new Fault('image_missing', `the engine has no image ${image}`, {
      hint:
        registry === ''
          ? 'build or load it, or set REGISTRY to pull it from there'
          : `build or load it: only images of ${registry} are pulled`,
    });
  }
  log.info({ image }, 'pulling image');
  const stream = await docker.pull(image, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw isUnreachable(error) ? error : missing(image, answerOf(error), error);
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => {
      const failed = output?.find((line: { error?: string }) => line.error);
      if (error || failed) reject(missing(image, failed?.error ?? String(error), error));
      else resolve();
    });
  });
}

function missing(image: string, reason: string, cause: unknown): Fault {
  const hint = 'see that it was pushed there and that the engine may pull it';
  return new Fault('image_missing', `${image} cannot be pulled: ${reason}`, { hint, cause });
}
