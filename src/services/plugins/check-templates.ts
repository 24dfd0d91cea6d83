import { alternatives, isRecord, type JsonSchema, typesOf } from '../../language/flow/schema.ts';
import type { RenderRequest } from '../../language/manifests/render-request.ts';
import { type RenderedObject, renderTemplates } from '../../language/manifests/render-service.ts';
import { deployedServiceSchema } from '../../model/deployed-service.ts';
import { serviceName } from '../../model/engine/service-names.ts';
import { Fault } from '../../model/fault.ts';
import type { PluginDef } from '../../model/plugin.ts';

/** Sample values of a run, whatever the input is. */
const sampleRun = {
  testId: '0badcafe',
  attempt: 1,
  instance: 'sample',
  registry: 'registry.example.com',
  namespace: 'sample',
};
const marks: RenderRequest['marks'] = {
  kind: 'kubernetes',
  owner: { name: 'sample', uid: 'sample' },
  labels: {},
  annotations: {},
  hosts: [],
};

/**
 * Renders the templates of a plugin with sample values of its input, and returns the objects of the namespace; none for
 * a plugin without templates. Throws `plugin_invalid` with the file and the line.
 */
export function checkTemplates(
  { templates, service, inputSchema }: PluginDef,
  namespace = sampleRun.namespace,
): RenderedObject[] {
  if (!templates || !service) return [];
  const input = { ...sampleInput(inputSchema), codeVersion: 'sample', instanceName: sampleRun.instance };
  const sample = deployedServiceSchema.parse({
    command: ['sample'],
    args: ['sample'],
    env: { SAMPLE: 'sample' },
    configFiles: service.configFiles,
    volumes: service.volumes.map(({ mountPath }) => ({ name: 'sample', mountPath })),
    ports: service.ports.map((one) => ({ ...one, port: typeof one.port === 'number' ? one.port : 8080 })),
    readiness: { ...(service.readiness.path !== undefined && { path: service.readiness.path }) },
  });
  try {
    const request = { ...sampleRun, namespace, marks, service: sample, input, image: 'sample:1', templates };
    return renderTemplates(request, serviceName(sampleRun));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { message, where, hint } = error;
    throw new Fault('plugin_invalid', `templates/${message}`, {
      where,
      hint,
      cause: error,
    });
  }
}

function sampleInput(schema: JsonSchema): Record<string, unknown> {
  const value = sampleOf(schema, schema, 0);
  return isRecord(value) ? value : {};
}

const samples = { string: 'sample', number: 1, integer: 1, boolean: true, null: null } as const;
const maxDepth = 8;

/** Returns a value of the schema's type: its default, else the first value of its enum, else a plain sample. */
function sampleOf(schema: unknown, root: JsonSchema, depth: number): unknown {
  const [plain = {}] = alternatives(schema, root);
  if (plain.default !== undefined) return plain.default;
  if (Array.isArray(plain.enum)) return plain.enum[0];
  const [type = isRecord(plain.properties) ? 'object' : 'string'] = typesOf(plain) ?? [];
  if (type === 'array') return depth < maxDepth ? [sampleOf(plain.items, root, depth + 1)] : [];
  if (type !== 'object') return samples[type];
  const properties = isRecord(plain.properties) && depth < maxDepth ? plain.properties : {};
  return Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, sampleOf(one, root, depth + 1)]));
}
