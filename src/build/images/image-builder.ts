import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { type BuildRequest, buildImage } from './build-image.ts';
import { findImage } from './find-image.ts';

export interface ImageBuilderOptions {
  docker: Docker;
  /** What a Dockerfile with `ARG BASE_IMAGE` is given. */
  baseImage: string;
  log: Logger;
}

/** Finds and builds images of components in the engine's own store. */
export interface ImageBuilder {
  /** Throws `engine_unavailable` when the engine cannot tell. */
  find(image: string): Promise<boolean>;
  /** Faults: build_failed, engine_unavailable. An abort throws the signal's reason. */
  build(request: BuildRequest): Promise<{ imageId: string }>;
}

export function createImageBuilder({ docker, baseImage, log }: ImageBuilderOptions): ImageBuilder {
  return {
    async find(image) {
      const found = await findImage(docker, image);
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
        log.info({ image, repo, commit, ...built, durationMs: durationMs() }, `build image ${image} success`);
        return built;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ image, repo, commit, durationMs: durationMs(), reason }, `build image ${image} failed`);
        throw error;
      }
    },
  };
}
