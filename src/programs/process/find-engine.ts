import type Docker from 'dockerode';
import type { Logger } from 'pino';
import { createRunnerImage } from '../../adapters/images/runner-image/runner-image.ts';
import type { Config } from '../config.ts';
import { ensureBaseImage } from '../embedded/base-image.ts';
import { findDocker } from '../embedded/docker.ts';
import type { Report } from '../embedded/stage.ts';
import { registryAccounts } from '../worker/registry-accounts.ts';

export interface FoundEngine {
  docker: Docker;
  baseImage: string;
  /** Gives the name of the runner's image, which exists then. */
  runnerImage(): Promise<string>;
}

/** The Docker engine with the base image in it. Throws `engine_unavailable`, or `image_missing` without a base image. */
export async function findEngine(config: Config, log: Logger, report: Report): Promise<FoundEngine> {
  const docker = await findDocker(report);
  const baseImage = await ensureBaseImage(config, docker, report);
  const request = { docker, baseImage, registry: config.REGISTRY, accountOf: registryAccounts(config), log };
  return { docker, baseImage, runnerImage: createRunnerImage(request) };
}
