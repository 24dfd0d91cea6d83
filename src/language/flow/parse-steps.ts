import type { Node } from 'yaml';
import type { Issue } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import { dnsName, instanceNameSchema } from '../../model/names.ts';
import type { PluginType } from '../../model/plugin.ts';
import type { YamlSource } from '../template/yaml-source.ts';
import { checkShape } from './check-shape.ts';
import { nodeSchema } from './graph-schema.ts';
import { globalSource, secretSource } from './reference-syntax.ts';

/** A parsed step. `key` and `pluginKey` are the YAML keys of its map and of its plugin. */
export interface ParsedStep {
  step: StepSpec;
  key: string;
  pluginKey: 'plugin' | 'name';
  type: PluginType | undefined;
}

/** Parses the steps of a pipeline in the order of the text. Skips invalid steps and adds their issues to `issues`. */
export function parseSteps(
  pipeline: NonNullable<ReturnType<YamlSource['pairs']>>,
  source: YamlSource,
  issues: Issue[],
): ParsedStep[] {
  const taken = new Map<string, string>();
  return [...pipeline].flatMap(([name, { value }]) => {
    const before = issues.length;
    const read = readStep(name, value, source, issues);
    const instance = read?.step.instance ?? name;
    const where =
      instance === name
        ? source.place(['pipeline', name], { key: true })
        : source.place(['pipeline', name, 'instanceName']);
    checkInstance(instance, taken, (message, hint) => issues.push({ message, where, hint }));
    return read && issues.length === before ? [read] : [];
  });
}

function readStep(key: string, value: Node | null, source: YamlSource, issues: Issue[]): ParsedStep | undefined {
  const path = ['pipeline', key];
  const node = checkShape(nodeSchema, source.value(value), { path, place: source.place, issues });
  if (!node) return undefined;
  const plugin = node.plugin ?? node.name;
  if (plugin === undefined) {
    const where = source.place(path, { key: true });
    issues.push({ message: `step "${key}" has no plugin`, where, hint: 'add plugin: with the name of a plugin' });
    return undefined;
  }
  if (node.plugin !== undefined && node.name !== undefined && node.plugin !== node.name) {
    const message = `step "${key}" has two plugins, ${node.plugin} and ${node.name}`;
    issues.push({ message, where: source.place([...path, 'name']), hint: 'keep only plugin:' });
  }
  const step: StepSpec = {
    instance: node.instanceName || key,
    plugin,
    ...(node.version && { version: node.version }),
    input: node.input ?? {},
    ...(node.timeout !== undefined && { timeoutMs: node.timeout }),
    ...(node.retry && { retry: retryOf(node.retry) }),
    ...(node.always && { always: true }),
    ...(node.engineAccess && { engineAccess: true }),
    ...(node.needs && { needs: node.needs }),
  };
  return { step, key, pluginKey: node.plugin === undefined ? 'name' : 'plugin', type: node.pluginType || undefined };
}

function retryOf({ attempts, delay }: { attempts: number; delay?: number | undefined }): StepSpec['retry'] {
  return { attempts, ...(delay !== undefined && { delayMs: delay }) };
}

/** Checks a step's name, which is used in references and on the network: it must be unique and not reserved. */
function checkInstance(instance: string, taken: Map<string, string>, add: (message: string, hint?: string) => void) {
  const parsed = instanceNameSchema.safeParse(instance);
  if (!parsed.success) add(`"${instance}" cannot name a step: ${parsed.error.issues[0]?.message}`);
  else if (instance === globalSource) add(`"${globalSource}" cannot name a step: {{global.x}} means the globals`);
  else if (instance === secretSource) add(`"${secretSource}" cannot name a step: {{secret.x}} means the secrets`);
  const dns = dnsName(instance);
  const other = taken.get(dns);
  if (other === instance) add(`duplicate instance "${instance}"`);
  else if (other !== undefined)
    add(`"${instance}" and "${other}" would both be reached as ${dns}`, 'rename one of them');
  taken.set(dns, instance);
}
