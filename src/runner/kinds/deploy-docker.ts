import { connectDocker } from '../../adapters/docker/connect.ts';
import { deployService } from '../../adapters/docker/services.ts';
import { Fault } from '../../model/fault.ts';
import type { DeployService } from './deployer.ts';

/** Deploys a service as containers in the run's network. */
export const deployOnDocker: DeployService = async ({ work, step, output, signal }, service, image) => {
  const { runtime, testId, attempt } = work;
  if (runtime.kind !== 'docker' || !runtime.network)
    throw new Fault('internal', 'the run has no network for deployments');
  const { network, labels } = runtime;
  const target = { network, labels, testId, attempt, instance: step.instance };
  const { print, tellWait } = output;
  return deployService({ docker: connectDocker(), place: target, image, service, print, tellWait, signal });
};
