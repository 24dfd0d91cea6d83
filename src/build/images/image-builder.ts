import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { FoundImage } from '../../model/build.ts';
import { type BuildRequest, buildImage } from './build-image.ts';
import { findImage } from './find-image.ts';
import { findMade, type MadeImage } from './find-made.ts';
import { pushImage, type RegistryAccount } from './push-image.ts';
import { findInRegistry } from './registry.ts';

export interface ImageBuilderOptions {
  docker: Docker;
  /** Images are looked for and pushed there; without it, the engine's own store has to do. */
  registry?: { account: RegistryAccount | undefined } | undefined;
  /** What a Dockerfile with `ARG BASE_IMAGE` is given. */
  baseImage: string;
  log: Logger;
}

/** Finds images of components, in the registry if there is one, else in the engine's own store, and builds them. */
export interface ImageBuilder {
  /** Throws `engine_unavailable` or `registry_refused` when it cannot be told. */
  find(image: string): Promise<FoundImage | undefined>;
  /** Builds it, and pushes it. Faults: build_failed, registry_refused, engine_unavailable. An abort throws the signal's reason. */
  build(request: BuildRequest): Promise<FoundImage & { imageId: string }>;
  /** Takes in what a build script made: see MadeImage. Throws `build_failed` when it is nowhere. */
  publish(made: MadeImage): Promise<FoundImage>;
}

export function createImageBuilder({ docker, registry, baseImage, log }: ImageBuilderOptions): ImageBuilder {
  return {
    async find(image) {
      const found = await (registry ? findInRegistry(image, registry.account) : findImage(docker, image));
      if (found) log.info({ image }, 'have build image before skip');
      return found;
    },

    async build(request) {
      const { image, repo, commit } = request;
      const started = performance.now();
      const durationMs = (): number => Math.round(performance.now() - started);
      log.info({ image, repo, commit }, `start to build image ${image}`);
      try {
        const built = await buildImage(docker, baseImage, request);
        if (registry) await pushImage(docker, image, registry.account, request.signal);
        log.info({ image, repo, commit, ...built, durationMs: durationMs() }, `build image ${image} success`);
        if (!registry) return { ...built, digest: built.imageId };
        return { ...built, ...(await findInRegistry(image, registry.account)) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ image, repo, commit, durationMs: durationMs(), reason }, `build image ${image} failed`);
        throw error;
      }
    },

    async publish(made) {
      const { image, signal } = made;
      const pushed = registry && (await findInRegistry(image, registry.account));
      if (pushed) return pushed;
      const { digest } = await findMade(docker, made);
      if (!registry) return { digest };
      await pushImage(docker, image, registry.account, signal);
      return (await findInRegistry(image, registry.account)) ?? {};
    },
  };
}
