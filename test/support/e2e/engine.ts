import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../../src/adapters/docker/docker-runtime.ts';

const docker = new Docker();
/** The engine of this machine, to look at what is left in it. */
export const engine = createDockerRuntime({ docker, log: pino({ level: 'silent' }), registry: '' });

/** Removes the images that a component's builds left under its name, whatever their tags. */
export async function removeImages(imageTarget: string): Promise<void> {
  for (const { Id } of await docker.listImages({ filters: { reference: [imageTarget] } })) {
    await docker.getImage(Id).remove({ force: true });
  }
}
