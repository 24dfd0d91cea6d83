import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { Fault } from './fault.ts';
import type { BuildRecipe } from './plugin.ts';

/** Path components of an image's name, as the distribution specification has them. */
const targetPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

export interface ImageNameParts {
  /** Host of the registry; '' for the engine's own store. */
  registry: string;
  imageTarget: string;
  /** The full sha. */
  commit: string;
  recipe?: BuildRecipe | undefined;
  /** The site's base image, where it gets into the image and is not the usual one. */
  baseImage?: string | undefined;
  /** What build scripts are given as their proxy; '' for none. */
  proxy?: string | undefined;
  /** The platform that the engine builds for, as Docker writes it: `linux/arm64`. */
  platform?: string | undefined;
}

/** Whose images have no platform in their names. */
const defaultPlatform = 'linux/amd64';

/**
 * `[REGISTRY/]<imageTarget>:<sha>`, with `-<8 hex>` of the recipe when it is not the plain Dockerfile at the root on the usual base
 * image for linux/amd64: another recipe or engine makes another image of the same commit. Throws `plugin_invalid` for a name that no registry takes.
 */
export function imageName({ registry, imageTarget, commit, recipe, ...site }: ImageNameParts): string {
  if (!targetPattern.test(imageTarget) || imageTarget.length > 200) {
    throw new Fault('plugin_invalid', `imageTarget ${JSON.stringify(imageTarget)} cannot be the name of an image`, {
      hint: 'Lower-case letters and digits, with . _ - between them, in parts separated by /; no tag.',
    });
  }
  const prefix = registry === '' ? '' : `${registry.replace(/\/+$/, '')}/`;
  const suffix = recipe ? recipeHash(recipe, site) : '';
  return `${prefix}${imageTarget}:${commit}${suffix && `-${suffix}`}`;
}

/** '' of a recipe that says nothing of its own, on the usual base image and platform. */
function recipeHash(recipe: BuildRecipe, site: Pick<ImageNameParts, 'baseImage' | 'proxy' | 'platform'>): string {
  const dockerfile = posix.normalize(recipe.dockerfile);
  const context = posix.normalize(recipe.context).replace(/(.)\/$/, '$1');
  const args = Object.entries(recipe.args).sort(([a], [b]) => (a < b ? -1 : 1));
  const { target = '', script, builder, secrets } = recipe;
  const { baseImage } = site;
  const platform = site.platform === defaultPlatform ? undefined : site.platform;
  // A script may put it into the image, as a setting of a package manager.
  const proxy = script !== undefined && /\bPROXY\b|\.Proxy\b/.test(script) ? site.proxy || undefined : undefined;
  const plain = dockerfile === 'Dockerfile' && context === '.' && target === '' && args.length === 0;
  if (plain && !script && !baseImage && !platform && Object.keys(secrets ?? {}).length === 0) return '';
  // What is undefined is left out, so that recipes without them keep the names that they had.
  const text = JSON.stringify({
    dockerfile,
    context,
    target,
    args,
    script,
    builder,
    secrets,
    baseImage,
    proxy,
    platform,
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
