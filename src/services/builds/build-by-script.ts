import { rm } from 'node:fs/promises';
import { renderTemplate } from '../../language/template/render-template.ts';
import type { BuildInput, FoundImage } from '../../model/build.ts';
import { createMask } from '../../model/mask.ts';
import type { BuildRecipe } from '../../model/plugin.ts';
import type { ScriptRequest, ScriptRunner } from '../../model/ports/build-scripts.ts';
import type { Repositories } from '../../model/ports/git.ts';
import type { ImageBuilder } from '../../model/ports/images.ts';
import { recipeSecrets } from './recipe-secrets.ts';

/** Values for build scripts besides commit and image, and the secrets that their logs must not show. */
export interface ScriptSettings {
  registry: string;
  /** '' for none. */
  proxy: string;
  /** DOCKER_HOST if it is set, as the image must be built in the engine that the worker uses. */
  dockerHost: string | undefined;
  secrets: readonly string[];
  /** Directory of the secrets that recipes name. */
  secretStore: string;
}

export interface ScriptBuildPorts {
  repositories: Repositories;
  images: ImageBuilder;
  scripts: ScriptRunner;
  scriptSettings: ScriptSettings;
}

export interface BuildOutput {
  onOutput(line: string): Promise<void>;
  signal: AbortSignal;
}

type ScriptInput = BuildInput & { recipe: BuildRecipe & { script: string } };

/**
 * Builds an image by its recipe's script. On the worker's machine, in a separate working tree, the script makes the image; in a
 * builder, it prepares the build context of the Dockerfile. Faults: those of the repository, template_invalid, secret_invalid,
 * build_failed, image_missing of the builder, registry_refused, engine_unavailable.
 */
export async function buildByScript(
  ports: ScriptBuildPorts,
  input: ScriptInput,
  output: BuildOutput,
): Promise<FoundImage> {
  const { image, repo, commit, recipe } = input;
  const secrets = await recipeSecrets(recipe, ports.scriptSettings.secretStore);
  const request = { ...scriptOf(ports, input, secrets), ...output };
  const { builder } = recipe;
  if (builder !== undefined) return buildInBuilder(ports, input, { ...request, builder, secrets });
  const checkout = await ports.repositories.checkout(repo, commit, output.signal);
  try {
    await ports.scripts.run(checkout.directory, request);
    const byCommit = /\bCOMMIT\b|\.Commit\b/.test(recipe.script) && !/\bIMAGE\b|\.Image\b/.test(recipe.script);
    const plainName = byCommit ? image.replace(/-[0-9a-f]{8}$/, '') : undefined;
    return await ports.images.publish({ image, repo, plainName, signal: output.signal });
  } finally {
    await checkout.remove();
  }
}

/** Runs the script in a container without the engine's socket, so it leaves a build context or pushes the image itself. */
async function buildInBuilder(
  { repositories, images, scripts }: ScriptBuildPorts,
  { image, repo, commit, recipe, baseImage }: ScriptInput,
  { secrets, ...request }: ScriptRequest & { builder: string; secrets: Record<string, string> },
): Promise<FoundImage> {
  const { signal, onOutput } = request;
  const tarPath = await repositories.archive(repo, commit, '.', signal);
  let contextPath: string | undefined;
  try {
    contextPath = await scripts.runInBuilder({ ...request, tarPath, context: recipe.context });
    const found = await images.find(image, signal);
    if (found) return found;
    const build = { image, repo, commit, tarPath: contextPath, recipe, baseImage, secrets, onOutput, signal };
    const { digest } = await images.build(build);
    return { digest };
  } finally {
    for (const path of [tarPath, contextPath]) if (path !== undefined) await rm(path, { force: true });
  }
}

/** Renders the script and its environment; the token is given only to scripts that name it. */
function scriptOf(
  { repositories, scriptSettings }: ScriptBuildPorts,
  { image, repo, commit, recipe }: ScriptInput,
  given: Record<string, string>,
): Pick<ScriptRequest, 'image' | 'script' | 'env' | 'mask'> {
  const { registry, proxy, dockerHost, secrets } = scriptSettings;
  const token = repositories.tokenOf(repo) ?? '';
  const wantsToken = /\bGIT_TOKEN\b|\.GitToken\b/.test(recipe.script);
  const values = { Commit: commit, Image: image, Registry: registry, Proxy: proxy, GitToken: token };
  return {
    image,
    script: renderTemplate(recipe.script, values, { name: 'build.script' }),
    env: {
      ...recipe.args,
      ...given,
      COMMIT: commit,
      IMAGE: image,
      REGISTRY: registry,
      PROXY: proxy,
      ...(wantsToken && { GIT_TOKEN: token }),
      ...(dockerHost !== undefined && recipe.builder === undefined && { DOCKER_HOST: dockerHost }),
    },
    // The second form is the one that git sends in the header of Basic authentication.
    mask: createMask([
      ...secrets,
      ...Object.values(given),
      ...(token === '' ? [] : [token, `x-access-token:${token}`]),
    ]),
  };
}
