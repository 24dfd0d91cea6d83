import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { Fault } from '../../../model/fault.ts';
import type { AccountOf } from '../accounts.ts';
import { findImage } from '../find-image.ts';
import { progressFailure } from '../progress-failure.ts';
import { pushImage } from '../push-image.ts';
import { findInRegistry } from '../registry.ts';
import { collectRunner, packRunner, type RunnerFiles } from './stage-runner.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

export interface RunnerImageRequest {
  docker: Docker;
  baseImage: string;
  /** Registry to push to, the prefix of the image's name; '' for none. */
  registry: string;
  accountOf?: AccountOf;
  log: Logger;
}

/**
 * Builds the test runner's image unless the engine has it, and pushes it unless the registry has it. Returns its name,
 * `[REGISTRY/]brightbird/testrunner:<12 hex>`, derived from its content and base image. Throws `image_missing` without the base
 * image, `build_failed` with the engine's last lines.
 */
export async function ensureRunnerImage(request: RunnerImageRequest): Promise<string> {
  const { docker, baseImage, registry, log } = request;
  const [runner, base] = await Promise.all([collectRunner(root), findImage(docker, baseImage)]);
  if (!base) {
    throw new Fault('image_missing', `the engine has no base image ${baseImage} for the test runner`, {
      hint: 'pull it, or set BASE_IMAGE to an image with Node 24',
    });
  }
  const tag = createHash('sha256').update(`${base.digest}\n${runner.hash}`).digest('hex').slice(0, 12);
  const image = `${registry === '' ? '' : `${registry}/`}brightbird/testrunner:${tag}`;
  if (await hasRunnerImage(request, image)) {
    log.info({ image }, 'have build image before skip');
    return image;
  }
  const start = performance.now();
  if (!(await findImage(docker, image))) await build(docker, image, baseImage, runner);
  if (registry !== '') await pushImage(docker, image, await request.accountOf?.(image));
  log.info({ image, durationMs: Math.round(performance.now() - start) }, 'test runner image built');
  return image;
}

/** Tells whether runners can get the image: from the registry, or without one from the engine's own store. */
export async function hasRunnerImage(
  { docker, registry, accountOf }: RunnerImageRequest,
  image: string,
): Promise<boolean> {
  const found = registry === '' ? findImage(docker, image) : findInRegistry(image, await accountOf?.(image));
  return (await found) !== undefined;
}

async function build(docker: Docker, image: string, baseImage: string, runner: RunnerFiles): Promise<void> {
  // The stream is one of streamx, whose types are not Node's.
  const context = packRunner(runner) as unknown as NodeJS.ReadableStream;
  const stream = await docker.buildImage(context, { t: image, buildargs: { BASE_IMAGE: baseImage }, forcerm: true });
  const output: string[] = [];
  const failure = await progressFailure(docker, stream, (line) => output.push(line.stream ?? ''));
  if (!failure && (await findImage(docker, image))) return;
  const last = output.join('').trimEnd().split('\n').slice(-10).join('\n');
  throw new Fault(
    'build_failed',
    `cannot build the test runner's image: ${failure ?? 'the build produced no image'}\n${last}`,
  );
}
