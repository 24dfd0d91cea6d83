import { z } from 'zod';
import { type DeployedService, deployedServiceSchema } from '../model/deployed-service.ts';
import { Fault } from '../model/fault.ts';
import type { Globals } from '../model/flow.ts';
import type { ServiceSpec } from '../model/plugin.ts';
import { resolveInput } from './references.ts';

const { $schema: _, ...conversion } = z.toJSONSchema(deployedServiceSchema, { io: 'input' });

/** What the references of a service's description can name. */
export interface ServiceContext {
  input: Record<string, unknown>;
  globals: Globals;
  testId: string;
  instance: string;
}

/**
 * Returns the service that a plugin's description means for one step: `{{input.x}}`, `{{global.x}}`, `{{testId}}` and
 * `{{instanceName}}` replaced by the rules of inputs. Throws `input_invalid` with the place in the description.
 */
export function describeService(
  service: Record<string, unknown> | ServiceSpec,
  context: ServiceContext,
): DeployedService {
  return parseService(substitute(service, context), 'service');
}

/** Returns the value as a service. Throws `input_invalid` with the path below `root`. */
export function parseService(service: unknown, root: string): DeployedService {
  const parsed = deployedServiceSchema.safeParse(service);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = z.core.toDotPath([root, ...(issue?.path ?? [])]);
  throw new Fault('input_invalid', `${path}: ${issue?.message}`, { where: { path } });
}

function substitute(service: object, { input, globals, testId, instance }: ServiceContext): unknown {
  const nodes = { input: { output: input }, testId: { output: testId }, instanceName: { output: instance } };
  try {
    return resolveInput({ ...service }, { nodes, globals }, conversion);
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
