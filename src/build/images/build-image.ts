import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';
import { Fault } from '../../model/fault.ts';
import type { BuildRecipe } from '../../model/plugin.ts';
import { readFromTar, takesBaseImage } from './build-context.ts';
import { type BuildEvent, readBuildEvents } from './build-events.ts';
import { BuildProgress } from './build-progress.ts';
import { engineFault, statusOf } from './engine-fault.ts';

export interface BuildRequest {
  /** Full name with its tag. */
  image: string;
  /** Where the files come from, for labels and messages: the repository without credentials, and the full sha. */
  repo: string;
  commit: string;
  /** The build context; the recipe's Dockerfile is inside it. */
  tarPath: string;
  recipe: BuildRecipe;
  /** Takes the output line by line, in order; the build waits for it. */
  onOutput(line: string): void | Promise<void>;
  signal: AbortSignal;
}

/**
 * Builds and tags the image with the engine's classic builder. Faults: `build_failed` with the failing step and the end of
 * its output; `engine_unavailable`. An abort ends the build and throws the signal's reason.
 */
export async function buildImage(
  docker: Docker,
  baseImage: string,
  request: BuildRequest,
): Promise<{ imageId: string }> {
  const { image, repo, commit, tarPath, recipe, onOutput } = request;
  const dockerfile = await readFromTar(tarPath, recipe.dockerfile);
  if (dockerfile === undefined) {
    const place = recipe.context === '.' ? '' : ` in ${recipe.context}`;
    const left = recipe.script === undefined ? '' : ', and its build script left none';
    throw new Fault('build_failed', `${repo} has no ${recipe.dockerfile}${place} at commit ${commit}${left}`, {
      hint: 'The plugin names its Dockerfile under build.dockerfile, relative to build.context.',
    });
  }
  const progress = new BuildProgress();
  const args = { ...(takesBaseImage(dockerfile) && { BASE_IMAGE: baseImage }), ...recipe.args };
  for await (const event of runBuild(docker, request, args)) {
    for (const line of progress.take(event)) await onOutput(line);
  }
  for (const line of progress.end()) await onOutput(line);
  if (progress.error !== undefined || progress.imageId === undefined) throw progress.fault(image, args.BASE_IMAGE);
  return { imageId: progress.imageId };
}

/** Leaving the loop over the events, by an error too, closes the connection, at which the engine ends the build. */
async function* runBuild(
  docker: Docker,
  { image, repo, commit, tarPath, recipe, signal }: BuildRequest,
  args: Record<string, string>,
): AsyncGenerator<BuildEvent> {
  const context = createReadStream(tarPath);
  try {
    const answer = await docker.buildImage(context, {
      abortSignal: signal,
      t: image,
      dockerfile: recipe.dockerfile,
      target: recipe.target,
      buildargs: args,
      labels: { 'brightbird.dev/repo': repo, 'brightbird.dev/commit': commit },
      rm: true,
      forcerm: true,
    });
    yield* readBuildEvents(answer);
  } catch (error) {
    signal.throwIfAborted();
    const status = statusOf(error);
    // The engine answers with 4xx to a Dockerfile that it cannot read.
    if (status !== undefined && status < 500 && error instanceof Error) {
      throw new Fault('build_failed', `building ${image} failed: ${error.message.trim()}`, { cause: error });
    }
    throw engineFault(`building ${image}`, error);
  } finally {
    context.destroy();
  }
}
