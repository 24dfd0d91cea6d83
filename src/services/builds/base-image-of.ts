import { posix } from 'node:path';
import { takesBaseImage, usualBaseImage } from '../../model/base-image.ts';
import type { BuildRecipe } from '../../model/plugin.ts';
import type { Repositories } from '../../model/ports/git.ts';

/** The base image that an image is built on at a commit, where it is another one than the usual; undefined else. */
export type BaseImageOf = (
  component: { repo: string; commit: string; recipe: BuildRecipe },
  signal: AbortSignal,
) => Promise<string | undefined>;

/** Dockerfiles of commits whose answer is remembered: it never changes. */
const maxKnown = 1000;

/**
 * Finds out whether BASE_IMAGE gets into an image, by the `ARG BASE_IMAGE` of its Dockerfile. One that is not in the repository
 * itself, but in a submodule or made by a script, may have it.
 */
export function createBaseImageOf(repositories: Pick<Repositories, 'readFile'>, baseImage: string): BaseImageOf {
  const known = new Map<string, boolean>();
  return async ({ repo, commit, recipe }, signal) => {
    const isMadeByScript = recipe.script !== undefined && recipe.builder === undefined;
    if (baseImage === usualBaseImage || isMadeByScript || recipe.args.BASE_IMAGE !== undefined) return undefined;
    const path = posix.join(recipe.context, recipe.dockerfile);
    const key = `${repo}\n${commit}\n${path}`;
    let takes = known.get(key);
    if (takes === undefined) {
      const dockerfile = await repositories.readFile(repo, commit, path, signal);
      takes = dockerfile === undefined || takesBaseImage(dockerfile);
      known.set(key, takes);
      const [oldest] = known.keys();
      if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
    }
    return takes ? baseImage : undefined;
  };
}
