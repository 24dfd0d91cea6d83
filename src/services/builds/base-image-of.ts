import { posix } from 'node:path';
import { defaultBaseImage, takesBaseImage } from '../../model/base-image.ts';
import type { BuildRecipe } from '../../model/plugin.ts';
import type { Repositories } from '../../model/ports/git.ts';

/** Returns the base image of an image at a commit if it differs from the default, otherwise undefined. */
export type BaseImageOf = (
  component: { repo: string; commit: string; recipe: BuildRecipe },
  signal: AbortSignal,
) => Promise<string | undefined>;

/** Maximum number of cached results; the result for a Dockerfile at a commit never changes. */
const maxCached = 1000;

/**
 * Determines by the `ARG BASE_IMAGE` of its Dockerfile whether an image uses BASE_IMAGE. A Dockerfile outside the repository
 * itself, in a submodule or made by a script, is assumed to have it.
 */
export function createBaseImageOf(repositories: Pick<Repositories, 'readFile'>, baseImage: string): BaseImageOf {
  const known = new Map<string, boolean>();
  return async ({ repo, commit, recipe }, signal) => {
    const isMadeByScript = recipe.script !== undefined && recipe.builder === undefined;
    if (baseImage === defaultBaseImage || isMadeByScript || recipe.args.BASE_IMAGE !== undefined) return undefined;
    const path = posix.join(recipe.context, recipe.dockerfile);
    const key = `${repo}\n${commit}\n${path}`;
    let takes = known.get(key);
    if (takes === undefined) {
      const dockerfile = await repositories.readFile(repo, commit, path, signal);
      takes = dockerfile === undefined || takesBaseImage(dockerfile);
      known.set(key, takes);
      const [oldest] = known.keys();
      if (known.size > maxCached && oldest !== undefined) known.delete(oldest);
    }
    return takes ? baseImage : undefined;
  };
}
