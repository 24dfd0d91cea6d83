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
  /** Builds the runner image if needed, and returns its name. */
  runnerImage(): Promise<string>;
}

/** Connects to the Docker engine and ensures the base image. Throws `engine_unavailable` or `image_missing`. */
export async function findEngine(config: Config, log: Logger, report: Report): Promise<FoundEngine> {
  const docker = await findDocker(report);
  const baseImage = await ensureBaseImage(config, docker, report);
  const request = { docker, baseImage, registry: config.REGISTRY, accountOf: registryAccounts(config), log };
  return { docker, baseImage, runnerImage: createRunnerImage(request) };
}
