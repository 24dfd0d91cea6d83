import type Docker from 'dockerode';
import type { MountSettings } from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames } from '../../model/run.ts';
import { engineFault, isGone } from './engine-errors.ts';

type Volumes = Pick<DeployedService, 'volumes'>;

/** Creates a volume with the run's labels, unless the run has it already. Throws `conflict` if another run has it. */
export async function createVolume(docker: Docker, name: string, labels: Record<string, string>): Promise<void> {
  try {
    // The engine returns an existing volume of that name, whatever its labels.
    await docker.createVolume({ Name: name, Labels: labels });
    const { Labels } = await docker.getVolume(name).inspect();
    const own = [labelNames.testId, annotationNames.run].every((key) => Labels?.[key] === labels[key]);
    if (own) return;
  } catch (error) {
    throw engineFault(error, `creating the volume ${name}`);
  }
  throw new Fault('conflict', `the engine has a volume named ${name} that does not belong to this run`, {
    hint: `remove it: docker volume rm ${name}`,
  });
}

/** Returns the mounts of a service's containers. */
export function volumeMounts(service: Volumes): MountSettings[] {
  return namedVolumes(service).map(({ name, mountPath }) => ({
    Type: 'volume',
    Source: name,
    Target: mountPath,
    ReadOnly: false,
  }));
}

/** Throws `input_invalid` for a volume that does not exist: the engine would create one that is never removed. */
export async function checkVolumes(docker: Docker, service: Volumes): Promise<void> {
  for (const { name } of namedVolumes(service)) {
    try {
      await docker.getVolume(name).inspect();
    } catch (error) {
      if (!isGone(error)) throw error;
      throw new Fault('input_invalid', `there is no volume named ${name}`, {
        where: { path: 'service.volumes' },
        hint: 'create it in a step with the plugin pvc, and refer to its output: {{data.name}}',
      });
    }
  }
}

/** Returns the volumes with a name: that of an optional one is empty when the input is left out. */
function namedVolumes({ volumes }: Volumes): Volumes['volumes'] {
  return volumes.filter(({ name }) => name !== '');
}
