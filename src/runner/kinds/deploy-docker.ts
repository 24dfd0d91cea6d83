import { connectDocker } from '../../adapters/docker/connect.ts';
import { deployService } from '../../adapters/docker/services.ts';
import { Fault } from '../../model/fault.ts';
import type { Deploy } from './deployer.ts';

/** Deploys as containers of the run's network. */
export const deployOnDocker: Deploy = async ({ work, step, output, signal }, service, image) => {
  const { runtime, testId, attempt } = work;
  if (runtime.kind !== 'docker' || !runtime.network) throw new Fault('internal', 'the run has no network to deploy to');
  const { network, labels } = runtime;
  const place = { network, labels, testId, attempt, instance: step.instance };
  const { print, tellWait } = output;
  return deployService({ docker: connectDocker(), place, image, service, print, tellWait, signal });
};
