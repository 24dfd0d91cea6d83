import { z } from 'zod';
import { readYaml, type YamlPath } from '../../language/template/yaml-source.ts';
import { Fault } from '../../model/fault.ts';
import { isBuildable, type PluginDef, pluginDefSchema } from '../../model/plugin.ts';
import { deployOutputSchema } from './deploy-output-schema.ts';

/** Unlike in the info of a program, which may have more fields, an unknown key is an issue here. */
const { templates: _templates, ...written } = pluginDefSchema.shape;
const schema = z.strictObject(written);

/**
 * Parses the plugin.yaml of a declarative deploy plugin. Throws `plugin_invalid` with line and column of the first
 * issue.
 */
export function parsePluginYaml(text: string, file: string): PluginDef {
  const source = readYaml(text, { file });
  const fail = (message: string, path: YamlPath, key = false): never => {
    const where = source.place(path, { key });
    throw new Fault('plugin_invalid', `line ${where.line}, column ${where.column}: ${message}`, { where });
  };
  const [broken] = source.issues;
  if (broken) {
    const { line, column } = broken.where ?? {};
    throw new Fault('plugin_invalid', `line ${line}, column ${column}: ${broken.message}`, {
      ...(broken.where && { where: broken.where }),
    });
  }
  const value: unknown = source.value();
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    const extra = issue?.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : [];
    const name = z.core.toDotPath(path);
    return fail(`${name && `${name}: `}${issue?.message}`, [...path, ...extra], extra.length > 0);
  }
  const def = parsed.data;
  if (def.pluginType !== 'Deployer') fail('a plugin.yaml describes a Deployer', ['pluginType']);
  if (!def.service) return fail('service: required, as it describes the deployment', []);
  if (!def.service.image && !isBuildable(def)) {
    fail('service: has no image, so the plugin needs repo and imageTarget to build one', ['service'], true);
  }
  const hasOutputSchema = typeof value === 'object' && value !== null && 'outputSchema' in value;
  return hasOutputSchema ? def : { ...def, outputSchema: deployOutputSchema };
}
