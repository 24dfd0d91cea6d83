import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { FoundImage } from '../../model/build.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import type { AccountOf } from './accounts.ts';
import { buildImage } from './build-image.ts';
import { engineFault } from './engine-fault.ts';
import { findImage } from './find-image.ts';
import { findMade } from './find-made.ts';
import { pushImage } from './push-image.ts';
import { findInRegistry } from './registry.ts';

export interface ImageBuilderOptions {
  docker: Docker;
  /** Images are looked for in all of them, in their order, and pushed to the first; without any, the engine's own store does. */
  registries: readonly string[];
  accountOf: AccountOf;
  /** What a Dockerfile with `ARG BASE_IMAGE` is given. */
  baseImage: string;
  log: Logger;
}

export function createImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const { docker, registries, accountOf, log } = options;

  async function look(image: string, signal?: AbortSignal): Promise<FoundImage | undefined> {
    if (registries.length === 0) return findImage(docker, image);
    for (const name of namesIn(registries, image)) {
      const found = await findInRegistry(name, await accountOf(name), signal);
      if (found) return name === image ? found : { ...found, image: name };
    }
    return undefined;
  }

  /** Pushes an image of the engine and answers with what the registry makes of it. */
  async function push(image: string, signal: AbortSignal): Promise<FoundImage> {
    const account = await accountOf(image);
    await pushImage(docker, image, account, signal);
    return (await findInRegistry(image, account, signal)) ?? {};
  }

  let platform: string | undefined;
  return {
    async platform() {
      platform ??= await enginePlatform(docker);
      return platform;
    },

    async find(image, signal) {
      const found = await look(image, signal);
      if (found) log.info({ image: found.image ?? image }, 'have build image before skip');
      return found;
    },

    async build(request) {
      const { image, repo, commit } = request;
      const started = performance.now();
      const durationMs = (): number => Math.round(performance.now() - started);
      log.info({ image, repo, commit }, `start to build image ${image}`);
      try {
        const built = await buildImage(options, request);
        const kept = registries.length > 0 ? await push(image, request.signal) : { digest: built.imageId };
        log.info({ image, repo, commit, ...built, durationMs: durationMs() }, `build image ${image} success`);
        return { ...built, ...kept };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ image, repo, commit, durationMs: durationMs(), reason }, `build image ${image} failed`);
        throw error;
      }
    },

    async publish(made) {
      const { image, signal } = made;
      const pushed = registries.length > 0 && (await findInRegistry(image, await accountOf(image), signal));
      if (pushed) return pushed;
      const { digest } = await findMade(docker, made);
      const kept = registries.length > 0 ? await push(image, signal) : { digest };
      log.info({ image, repo: made.repo, ...kept }, `build image ${image} success`);
      return kept;
    },
  };
}

/** As images have it: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/System/operation/SystemVersion */
async function enginePlatform(docker: Docker): Promise<string> {
  try {
    const { Os, Arch } = await docker.version();
    return `${Os}/${Arch}`;
  } catch (error) {
    throw engineFault('telling its platform', error);
  }
}

/** The image's name in each of the registries; it begins with the first one. */
function namesIn(registries: readonly string[], image: string): string[] {
  const [first = ''] = registries;
  return registries.map((registry) => `${registry}${image.slice(first.length)}`);
}
