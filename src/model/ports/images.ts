import type { FoundImage } from '../build.ts';

import type { BuildRecipe } from '../plugin.ts';

export interface BuildRequest {
  /** Full name with its tag. */
  image: string;
  /** Source of the files, for labels and messages: the repository without credentials, and the full sha. */
  repo: string;
  commit: string;
  /** Build context, which contains the recipe's Dockerfile. */
  tarPath: string;
  recipe: BuildRecipe;
  /** Value of `ARG BASE_IMAGE`, instead of the builder's default. */
  baseImage?: string | undefined;
  /** Secrets for RUN --mount=type=secret, by id; masked in output and faults. */
  secrets: Readonly<Record<string, string>>;
  /** Receives the output line by line, in order, with backpressure. */
  onOutput(line: string): void | Promise<void>;
  signal: AbortSignal;
}

/** The expected image of a build script. */
export interface MadeImage {
  image: string;
  repo: string;
  /** Name used by scripts that ignore IMAGE: the original's scripts only know the commit. */
  plainName?: string | undefined;
  signal: AbortSignal;
}

/** Finds and builds images of components: in the registries if configured, else in the engine's own store. */
export interface ImageBuilder {
  /** Returns the platform of the engine, such as `linux/amd64`; cached. Throws `engine_unavailable`. */
  platform(): Promise<string>;
  /** Throws `engine_unavailable` or `registry_refused` when a lookup fails, even if only in the second registry. */
  find(image: string, signal?: AbortSignal): Promise<FoundImage | undefined>;
  /** Builds and pushes an image. Faults: build_failed, registry_refused, engine_unavailable, or the abort's reason. */
  build(request: BuildRequest): Promise<FoundImage & { imageId: string }>;
  /** Publishes the image of a build script. Throws `build_failed` when the image does not exist. */
  publish(made: MadeImage): Promise<FoundImage>;
}
