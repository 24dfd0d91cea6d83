import type Docker from 'dockerode';
import { connectDocker } from '../../adapters/docker/connect.ts';
import { Fault } from '../../model/fault.ts';
import { type Report, Stage } from './stage.ts';

/**
 * The Docker engine of DOCKER_HOST or of the default socket, asked for its version within 3 s. Throws
 * `engine_unavailable` when it does not answer.
 */
export async function findDocker(report: Report): Promise<Docker> {
  const stage = new Stage('docker', report);
  const place = process.env.DOCKER_HOST ? 'the engine of DOCKER_HOST' : 'the engine of the default socket';
  try {
    const { Version } = await connectDocker({ timeout: 3000 }).version();
    stage.done(`${place} answers, version ${Version}`);
    return connectDocker();
  } catch (error) {
    throw new Fault(
      'engine_unavailable',
      `${place} does not answer: ${error instanceof Error ? error.message : error}`,
      {
        hint: 'install and start Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST to an engine; its user needs the right to use the socket',
        cause: error,
      },
    );
  }
}
