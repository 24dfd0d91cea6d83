import type { FoundImage } from '../build.ts';

import type { BuildRecipe } from '../plugin.ts';

export interface BuildRequest {
  /** Full name with its tag. */
  image: string;
  /** Where the files come from, for labels and messages: the repository without credentials, and the full sha. */
  repo: string;
  commit: string;
  /** The build context; the recipe's Dockerfile is inside it. */
  tarPath: string;
  recipe: BuildRecipe;
  /** What a Dockerfile with `ARG BASE_IMAGE` is given, in the place of the builder's own. */
  baseImage?: string | undefined;
  /** What RUN --mount=type=secret finds, by id; masked in output and faults. */
  secrets: Readonly<Record<string, string>>;
  /** Takes the output line by line, in order; the build waits for it. */
  onOutput(line: string): void | Promise<void>;
  signal: AbortSignal;
}

/** What a build script was to make. */
export interface MadeImage {
  image: string;
  repo: string;
  /** The name that a script gives it that does not use IMAGE: the original's ones know the commit alone. */
  plainName?: string | undefined;
  signal: AbortSignal;
}

/** Finds images of components, in the registries if there are any, else in the engine's own store, and builds them. */
export interface ImageBuilder {
  /** Returns the platform of the engine, `linux/amd64`. It is asked once. Throws `engine_unavailable`. */
  platform(): Promise<string>;
  /** Throws `engine_unavailable` or `registry_refused` when it cannot be told, also by the second registry alone. */
  find(image: string, signal?: AbortSignal): Promise<FoundImage | undefined>;
  /** Builds it, and pushes it. Faults: build_failed, registry_refused, engine_unavailable. An abort throws the signal's reason. */
  build(request: BuildRequest): Promise<FoundImage & { imageId: string }>;
  /** Takes in what a build script made: see MadeImage. Throws `build_failed` when it is nowhere. */
  publish(made: MadeImage): Promise<FoundImage>;
}
