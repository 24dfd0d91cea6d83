import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { FoundImage } from '../../model/build.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import type { AccountOf } from './accounts.ts';
import { buildImage } from './build-image.ts';
import { engineFault } from './engine-fault.ts';
import { findBuiltImage } from './find-built-image.ts';
import { findImage } from './find-image.ts';
import { pushImage } from './push-image.ts';
import { findInRegistry } from './registry.ts';

export interface ImageBuilderOptions {
  docker: Docker;
  /** Registries that are searched in this order; images are pushed to the first. Without any, the engine's own store is used. */
  registries: readonly string[];
  accountOf: AccountOf;
  /** Value of `ARG BASE_IMAGE` in Dockerfiles. */
  baseImage: string;
  log: Logger;
}

export function createImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const { docker, registries, accountOf, log } = options;

  async function findImageAnywhere(image: string, signal?: AbortSignal): Promise<FoundImage | undefined> {
    if (registries.length === 0) return findImage(docker, image);
    for (const name of namesIn(registries, image)) {
      const found = await findInRegistry(name, await accountOf(name), signal);
      if (found) return name === image ? found : { ...found, image: name };
    }
    return undefined;
  }

  /** Pushes an image of the engine; returns it as the registry reports it. */
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
      const found = await findImageAnywhere(image, signal);
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
        const published = registries.length > 0 ? await push(image, request.signal) : { digest: built.imageId };
        log.info({ image, repo, commit, ...built, durationMs: durationMs() }, `build image ${image} success`);
        return { ...built, ...published };
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
      const { digest } = await findBuiltImage(docker, made);
      const published = registries.length > 0 ? await push(image, signal) : { digest };
      log.info({ image, repo: made.repo, ...published }, `build image ${image} success`);
      return published;
    },
  };
}

/** Returns the platform in the form of images: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/System/operation/SystemVersion */
async function enginePlatform(docker: Docker): Promise<string> {
  try {
    const { Os, Arch } = await docker.version();
    return `${Os}/${Arch}`;
  } catch (error) {
    throw engineFault('reading its platform', error);
  }
}

/** Returns the name of an image of the first registry in each of the registries. */
function namesIn(registries: readonly string[], image: string): string[] {
  const [first = ''] = registries;
  return registries.map((registry) => `${registry}${image.slice(first.length)}`);
}
