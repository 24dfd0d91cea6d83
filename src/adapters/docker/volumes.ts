import type Docker from 'dockerode';
import type { MountSettings } from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames } from '../../model/run.ts';
import { engineFault, isGone } from './engine-errors.ts';

type Volumes = Pick<DeployedService, 'volumes'>;

/** Makes a volume that carries the run's labels; one of the same run is kept. Throws `conflict` when it is another's. */
export async function createVolume(docker: Docker, name: string, labels: Record<string, string>): Promise<void> {
  try {
    // The engine answers with the volume that has the name, whoever made it.
    await docker.createVolume({ Name: name, Labels: labels });
    const { Labels } = await docker.getVolume(name).inspect();
    const own = [labelNames.testId, annotationNames.run].every((key) => Labels?.[key] === labels[key]);
    if (own) return;
  } catch (error) {
    throw engineFault(error, `making the volume ${name}`);
  }
  throw new Fault('conflict', `the engine has a volume named ${name} that is not of this run`, {
    hint: `remove it: docker volume rm ${name}`,
  });
}

/** The mounts of a service's containers. */
export function volumeMounts(service: Volumes): MountSettings[] {
  return mounted(service).map(({ name, mountPath }) => ({
    Type: 'volume',
    Source: name,
    Target: mountPath,
    ReadOnly: false,
  }));
}

/** Throws `input_invalid` for a volume that does not exist: the engine would make one that nobody removes. */
export async function checkVolumes(docker: Docker, service: Volumes): Promise<void> {
  for (const { name } of mounted(service)) {
    try {
      await docker.getVolume(name).inspect();
    } catch (error) {
      if (!isGone(error)) throw error;
      throw new Fault('input_invalid', `there is no volume named ${name}`, {
        where: { path: 'service.volumes' },
        hint: 'make it by a step with the plugin pvc, and refer to its output: {{data.name}}',
      });
    }
  }
}

/** An input that is left out names no volume, so that a plugin may offer one. */
function mounted({ volumes }: Volumes): Volumes['volumes'] {
  return volumes.filter(({ name }) => name !== '');
}
