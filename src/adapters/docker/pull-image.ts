import { Fault } from '../../model/fault.ts';
import type { Engine } from './engine.ts';
import { pull } from './pull.ts';

/** Pulls a missing image from the configured registry. Throws `image_missing` for an image of any other registry. */
export async function pullImage(engine: Engine, image: string, signal: AbortSignal): Promise<void> {
  const { docker, registry, log } = engine;
  if (registry === '' || !image.startsWith(`${registry}/`)) {
    throw new Fault('image_missing', `the engine has no image ${image}`, {
      hint:
        registry === ''
          ? 'build or load it, or set REGISTRY to pull it from there'
          : `build or load it: only images of ${registry} are pulled`,
    });
  }
  log.info({ image }, 'pulling image');
  engine.onPull?.();
  await pull(docker, image, 'check that it was pushed there and that the engine may pull it', signal);
}
