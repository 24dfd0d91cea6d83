import type Docker from 'dockerode';
import { connectDocker } from '../../adapters/docker/connect.ts';
import { Fault } from '../../model/fault.ts';
import { type Report, Stage } from './stage.ts';

/**
 * Connects to the Docker engine of DOCKER_HOST or the default socket. Throws `engine_unavailable` when it does not return
 * its version within 3 s.
 */
export async function findDocker(report: Report): Promise<Docker> {
  const stage = new Stage('docker', report);
  const engine = process.env.DOCKER_HOST
    ? 'the Docker engine of DOCKER_HOST'
    : 'the Docker engine of the default socket';
  try {
    const { Version } = await connectDocker({ timeout: 3000 }).version();
    stage.done(`connected to ${engine}, version ${Version}`);
    return connectDocker();
  } catch (error) {
    throw new Fault('engine_unavailable', `cannot reach ${engine}: ${error instanceof Error ? error.message : error}`, {
      hint: 'install and start Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST; the user needs access to the socket',
      cause: error,
    });
  }
}
