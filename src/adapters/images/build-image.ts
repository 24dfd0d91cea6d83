import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { takesBaseImage } from '../../model/base-image.ts';
import { Fault } from '../../model/fault.ts';
import { createMask } from '../../model/mask.ts';
import type { BuildRequest } from '../../model/ports/images.ts';
import type { AccountOf } from './accounts.ts';
import { readFromTar } from './build-context.ts';
import { type BuildEvent, readBuildEvents } from './build-events.ts';
import { BuildProgress } from './build-progress.ts';
import { dial } from './buildkit/dial.ts';
import { openSession, type Session } from './buildkit/open-session.ts';
import { engineFault } from './engine-fault.ts';
import { type IsIgnored, openContext, readDockerignore } from './ignored-files.ts';
import { describeLfsPointers, findLfsPointers } from './lfs-pointers.ts';
import type { RegistryAccount } from './push-image.ts';

export interface BuilderParts {
  docker: Docker;
  /** Value of `ARG BASE_IMAGE` in Dockerfiles. */
  baseImage: string;
  /** Accounts for the registries of base images. */
  accountOf: AccountOf;
}

/**
 * Builds and tags the image with the engine's BuildKit. Faults: `build_failed` with the failed step and the end of its output;
 * `registry_refused` when a base image's registry is unavailable; `engine_unavailable`. An abort ends the build and throws the
 * signal's reason.
 */
export async function buildImage(parts: BuilderParts, request: BuildRequest): Promise<{ imageId: string }> {
  const { image, repo, commit, tarPath, recipe, secrets, onOutput } = request;
  const dockerfile = await readFromTar(tarPath, recipe.dockerfile);
  if (dockerfile === undefined) {
    const place = recipe.context === '.' ? '' : ` in ${recipe.context}`;
    const unscripted = recipe.script === undefined ? '' : ', and its build script created none';
    throw new Fault('build_failed', `${repo} has no ${recipe.dockerfile}${place} at commit ${commit}${unscripted}`, {
      hint: 'Set build.dockerfile of the plugin to its path, relative to build.context.',
    });
  }
  const isIgnored = await readDockerignore(tarPath, recipe.dockerfile);
  const note = describeLfsPointers(await findLfsPointers(tarPath, isIgnored));
  if (note !== undefined) await onOutput(note);
  const progress = new BuildProgress(createMask(Object.values(secrets)));
  const args = {
    ...(takesBaseImage(dockerfile) && { BASE_IMAGE: request.baseImage ?? parts.baseImage }),
    ...recipe.args,
  };
  for await (const event of runBuild(parts, request, args, isIgnored)) {
    for (const line of progress.take(event)) await onOutput(line);
  }
  if (progress.error !== undefined || progress.imageId === undefined) {
    throw progress.fault(image, { dockerfile, baseImage: args.BASE_IMAGE, warning: note });
  }
  return { imageId: progress.imageId };
}

/** Runs a build. Leaving the loop over its events, also by an error, closes the connection, so that the engine ends the build. */
async function* runBuild(
  { docker, accountOf }: BuilderParts,
  { image, repo, commit, tarPath, recipe, secrets, signal }: BuildRequest,
  args: Record<string, string>,
  isIgnored: IsIgnored | undefined,
): AsyncGenerator<BuildEvent> {
  let session: Session | undefined;
  signal.throwIfAborted();
  const context = openContext(tarPath, isIgnored);
  const contextFailure = new AbortController();
  context.once('error', (error) => contextFailure.abort(error));
  try {
    session = await openSession(docker, { secrets, accountAt: (host) => accountAt(accountOf, host, image) });
    const answer = await dial<Readable>(docker, {
      method: 'POST',
      path: '/build?',
      options: {
        version: '2',
        session: session.id,
        t: image,
        dockerfile: recipe.dockerfile,
        target: recipe.target,
        buildargs: args,
        labels: { 'brightbird.dev/repo': repo, 'brightbird.dev/commit': commit },
      },
      file: context,
      isStream: true,
      abortSignal: AbortSignal.any([signal, contextFailure.signal]),
      statusCodes: { 200: true },
    });
    yield* readBuildEvents(answer);
  } catch (error) {
    signal.throwIfAborted();
    contextFailure.signal.throwIfAborted();
    throw engineFault(`building ${image}`, error);
  } finally {
    session?.close();
    context.destroy();
  }
}

/** Finds the account of a registry; an account for a part of it, that of the image itself, also serves for base images. */
async function accountAt(accountOf: AccountOf, host: string, image: string): Promise<RegistryAccount | undefined> {
  const whole = await accountOf(`${host}/`);
  return whole ?? (image.startsWith(`${host}/`) ? accountOf(image) : undefined);
}
