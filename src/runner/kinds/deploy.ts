import { describeService, parseService } from '../../language/flow/describe-service.ts';
import type { DeployedService } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import type { WorkFile } from '../../model/work.ts';
import type { DeployService } from './deployer.ts';
import type { StepKind, StepRun } from './kind.ts';

/** Deploys the service of a declarative plugin. */
export const deployPlugin: StepKind = async (run) => {
  const { step, work, input, mysql } = run;
  const { service } = step.def;
  if (!service) throw new Fault('plugin_invalid', `plugin ${step.plugin} has no service`);
  return deploy(
    run,
    describeService(service, { ...work, instance: step.instance, input, ...(mysql && { mysqlDSN: mysql.dsn }) }),
  );
};

/** Deploys the service in the input of the built-in plugin deploy-service. */
export const deployService: StepKind = async (run) => {
  const { codeVersion: _version, instanceName: _name, ...service } = run.input;
  return deploy(run, parseService(service, 'input'));
};

async function deploy(run: StepRun, service: DeployedService): Promise<Record<string, unknown>> {
  const { work, step } = run;
  const image = work.images[step.plugin] ?? service.image;
  if (!image) {
    throw new Fault('image_missing', `plugin ${step.plugin} has no image, and none was built for it`, {
      hint: 'set the `image` of its service, or `repo` and `imageTarget` of the plugin',
    });
  }
  const deployOn = await loadDeployer(work.runtime.kind);
  const resources = service.resources ?? work.componentResources;
  const names = await deployOn(run, { ...service, ...(resources && { resources }) }, image);
  return { codeVersion: run.input.codeVersion, instanceName: step.instance, ...names };
}

/** Loads the deployer of an engine on demand. */
async function loadDeployer(kind: WorkFile['runtime']['kind']): Promise<DeployService> {
  if (kind === 'docker') return (await import('./deploy-docker.ts')).deployOnDocker;
  return (await import('./deploy-kubernetes.ts')).deployOnKubernetes;
}
