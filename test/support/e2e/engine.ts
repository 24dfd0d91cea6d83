import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';

const docker = new Docker();
/** The engine of this machine, to check for leftovers. */
export const engine = createDockerRuntime({ docker, log: pino({ level: 'silent' }), registry: '' });

/** Removes all images of a component, whatever their tags. */
export async function removeImages(imageTarget: string): Promise<void> {
  for (const { Id } of await docker.listImages({ filters: { reference: [imageTarget] } })) {
    await docker.getImage(Id).remove({ force: true });
  }
}
