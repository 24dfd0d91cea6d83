import { Fault } from '../../model/fault.ts';
import { dnsName } from '../../model/names.ts';
import type { StepKind } from './kind.ts';

/** Makes a volume with the run's labels, by which the cleanup takes it; one that a crashed try of the step made is kept. */
export const makeVolume: StepKind = async ({ work, step, output }) => {
  if (work.runtime.kind !== 'docker') throw new Fault('plugin_invalid', 'pvc makes volumes of a Docker engine only');
  const name = `${dnsName(step.instance)}-${work.testId}${work.attempt > 1 ? `-${work.attempt}` : ''}`;
  const [{ default: Docker }, { createVolume }] = await Promise.all([
    import('dockerode'),
    import('../../runtime/docker/volumes.ts'),
  ]);
  await createVolume(new Docker(), name, work.runtime.labels);
  await output.print(`volume ${name} is there`);
  return { name };
};
