import { describeService, parseService } from '../../language/flow/describe-service.ts';
import { resolveInput } from '../../language/flow/references.ts';
import { isRecord } from '../../language/flow/schema.ts';
import type { PlannedComponent } from '../../model/component.ts';
import { type DeployedService, maxReplicas } from '../../model/deployed-service.ts';
import { Fault } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import type { WorkStep } from '../../model/work.ts';

interface Run {
  steps: readonly WorkStep[];
  globals: Globals;
  testId: string;
}

/** Fields of a service that may refer to other steps, left empty, so that its ports can be known before. */
const emptyFields = { env: {}, configFiles: [], volumes: [] };

/**
 * Returns a part of a service with its references replaced. Throws a Fault when a referenced value is not known yet.
 */
type Resolve = (part: Record<string, unknown>) => DeployedService;

/**
 * Returns the components that the steps will deploy, as far as the flow, its globals and the defaults of plugins tell.
 * Unknown replicas count as the maximum; unknown ports are left out.
 */
export function planComponents(run: Run): PlannedComponent[] {
  return run.steps.flatMap((step) => {
    const { def, instance } = step;
    const input = knownInput(step, run.globals);
    if (def.form === 'declarative' && def.service) {
      const { service } = def;
      const context = { ...run, instance, input };
      return [plan(instance, service, (part) => describeService({ ...emptyFields, ...part }, context))];
    }
    if (def.form !== 'builtin' || def.name !== 'deploy-service') return [];
    return [plan(instance, { ...step.input, ...input }, (part) => parseService(part, 'input'))];
  });
}

/** Plans one component. Resolves ports and replicas separately, as either may be known without the other. */
function plan(instance: string, service: object, resolve: Resolve): PlannedComponent {
  const { ports, readiness, replicas } = service as Record<string, unknown>;
  const port = { ports: [{ port: 1 }] };
  const served = tryResolve(() => resolve({ ports, ...(readiness !== undefined && { readiness }), replicas: 1 }));
  const counted = tryResolve(() => resolve({ ...port, ...(replicas !== undefined && { replicas }) }));
  return { instance, replicas: counted?.replicas ?? maxReplicas, ports: served ? portsOf(served) : [] };
}

/** Returns the ports that a component listens on, each once. */
function portsOf({ ports, readiness }: Pick<DeployedService, 'ports' | 'readiness'>): number[] {
  const all = [...ports.map(({ port }) => port), ...(readiness.port === undefined ? [] : [readiness.port])];
  return [...new Set(all)];
}

/** Returns the members of a step's input that need no other step, with the defaults of its schema. */
function knownInput({ input, def: { inputSchema } }: WorkStep, globals: Globals): Record<string, unknown> {
  const properties = isRecord(inputSchema.properties) ? inputSchema.properties : {};
  const defaults = Object.entries(properties).flatMap(([name, schema]) =>
    isRecord(schema) && schema.default !== undefined && !Object.hasOwn(input, name) ? [[name, schema.default]] : [],
  );
  const given = Object.entries(input).flatMap(([name, value]) => {
    const resolved = tryResolve(() => resolveInput({ [name]: value }, { nodes: {}, globals }, inputSchema));
    return resolved ? [[name, resolved[name]]] : [];
  });
  return Object.fromEntries([...defaults, ...given]);
}

/** Returns the resolved value, or undefined when it is not known yet. */
function tryResolve<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
