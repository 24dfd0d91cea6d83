import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { Fault } from './fault.ts';
import type { BuildRecipe } from './plugin.ts';

/** Path components of an image's name (OCI distribution specification). */
const targetPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

export interface ImageReferenceParts {
  /** Host of the registry; '' for the engine's own store. */
  registry: string;
  imageTarget: string;
  /** Full sha. */
  commit: string;
  recipe?: BuildRecipe | undefined;
  /** The site's base image, when it is part of the image and not the default. */
  baseImage?: string | undefined;
  /** Proxy of build scripts; '' for none. */
  proxy?: string | undefined;
  /** Platform that the engine builds for, in Docker's form: `linux/arm64`. */
  platform?: string | undefined;
}

/** Platform whose images have no platform in their names. */
const defaultPlatform = 'linux/amd64';

/**
 * Returns `[REGISTRY/]<imageTarget>:<sha>`, with `-<8 hex>` of the recipe unless it is the plain Dockerfile at the root on the
 * default base image for linux/amd64: another recipe or engine makes another image of the same commit. Throws `plugin_invalid`
 * for an invalid name.
 */
export function imageReference({ registry, imageTarget, commit, recipe, ...site }: ImageReferenceParts): string {
  if (!targetPattern.test(imageTarget) || imageTarget.length > 200) {
    throw new Fault('plugin_invalid', `imageTarget ${JSON.stringify(imageTarget)} is not a valid image name`, {
      hint: 'Lower-case letters and digits, with . _ - between them, in parts separated by /; no tag.',
    });
  }
  const prefix = registry === '' ? '' : `${registry.replace(/\/+$/, '')}/`;
  const suffix = recipe ? recipeHash(recipe, site) : '';
  return `${prefix}${imageTarget}:${commit}${suffix && `-${suffix}`}`;
}

/** Returns '' for the default recipe on the default base image and platform. */
function recipeHash(recipe: BuildRecipe, site: Pick<ImageReferenceParts, 'baseImage' | 'proxy' | 'platform'>): string {
  const dockerfile = posix.normalize(recipe.dockerfile);
  const context = posix.normalize(recipe.context).replace(/(.)\/$/, '$1');
  const args = Object.entries(recipe.args).sort(([a], [b]) => (a < b ? -1 : 1));
  const { target = '', script, builder, secrets } = recipe;
  const { baseImage } = site;
  const platform = site.platform === defaultPlatform ? undefined : site.platform;
  // A script may write the proxy into the image, as a setting of a package manager.
  const proxy = script !== undefined && /\bPROXY\b|\.Proxy\b/.test(script) ? site.proxy || undefined : undefined;
  const plain = dockerfile === 'Dockerfile' && context === '.' && target === '' && args.length === 0;
  if (plain && !script && !baseImage && !platform && Object.keys(secrets ?? {}).length === 0) return '';
  // JSON drops undefined members, so that recipes without them keep their names.
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
