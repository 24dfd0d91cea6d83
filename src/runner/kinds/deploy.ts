import { z } from 'zod';
import { resolveInput } from '../../flows/references.ts';
import { type DeployedService, deployedServiceSchema } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import type { ServiceSpec } from '../../model/plugin.ts';
import type { WorkFile } from '../../model/work.ts';
import type { ServiceNames } from '../../runtime/service-names.ts';
import type { StepKind, StepRun } from './kind.ts';

const { $schema: _, ...conversion } = z.toJSONSchema(deployedServiceSchema, { io: 'input' });

/** Deploys the service that a declarative plugin describes. */
export const deployPlugin: StepKind = async (run) => {
  const { service } = run.step.def;
  if (!service) throw new Fault('plugin_invalid', `plugin ${run.step.plugin} describes no service`);
  return deploy(run, describedService(service, run));
};

/** What a plugin's description means for one step. Throws `input_invalid` with the place in the description. */
export function describedService(service: ServiceSpec, run: Pick<StepRun, 'work' | 'step' | 'input'>): DeployedService {
  return parse(substitute(service, run), 'service');
}

/** Deploys the service that the input of the built-in plugin deploy-service describes. */
export const deployService: StepKind = async (run) => {
  const { codeVersion: _version, instanceName: _name, ...service } = run.input;
  return deploy(run, parse(service, 'input'));
};

/** The service with `{{input.x}}`, `{{global.x}}`, `{{testId}}` and `{{instanceName}}` replaced, by the rules of inputs. */
function substitute(service: ServiceSpec, { work, step, input }: Pick<StepRun, 'work' | 'step' | 'input'>): unknown {
  const nodes = {
    input: { output: input },
    testId: { output: work.testId },
    instanceName: { output: step.instance },
  };
  try {
    return resolveInput({ ...service }, { nodes, globals: work.globals }, conversion);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const path = error.where?.path?.replace(/^input/, 'service');
    throw new Fault(error.code, `${path}: ${error.message}`, {
      where: { ...error.where, ...(path && { path }) },
      ...(error.hint && { hint: error.hint }),
      cause: error,
    });
  }
}

function parse(service: unknown, root: string): DeployedService {
  const parsed = deployedServiceSchema.safeParse(service);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = z.core.toDotPath([root, ...(issue?.path ?? [])]);
  throw new Fault('input_invalid', `${path}: ${issue?.message}`, { where: { path } });
}

/** Deploys one service and answers with the names of what it made. */
export type Deploy = (run: StepRun, service: DeployedService, image: string) => Promise<ServiceNames>;

async function deploy(run: StepRun, service: DeployedService): Promise<Record<string, unknown>> {
  const { work, step } = run;
  const image = work.images[step.plugin] ?? service.image;
  if (!image) {
    throw new Fault('image_missing', `plugin ${step.plugin} names no image, and none was built for it`, {
      hint: 'give its service an `image`, or the plugin `repo` and `imageTarget`',
    });
  }
  const deployOn = await deployerOf(work.runtime.kind);
  const names = await deployOn(run, service, image);
  return { codeVersion: run.input.codeVersion, instanceName: step.instance, ...names };
}

/** The code of an engine is loaded when a run on it deploys. */
async function deployerOf(kind: WorkFile['runtime']['kind']): Promise<Deploy> {
  if (kind === 'docker') return (await import('./deploy-docker.ts')).deployOnDocker;
  return (await import('./deploy-kubernetes.ts')).deployOnKubernetes;
}
