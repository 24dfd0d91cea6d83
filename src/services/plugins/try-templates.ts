import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { PluginDef } from '../../model/plugin.ts';
import { checkTemplates } from './check-templates.ts';

/** Milliseconds that the cluster has to answer for one object. */
const timeoutMs = 10_000;

/** Whether a cluster has looked at a plugin's own templates, and why not. */
export interface TemplateCheck {
  checked: boolean;
  reason?: string;
}

/** A cluster to try templates in; its `dryRun` is absent where there is none. */
export interface TemplateTrial {
  runtime?: Pick<Runtime, 'dryRun'> | undefined;
  namespace: string;
}

/**
 * Has the cluster say whether it takes what a plugin's own templates make of sample values; undefined of a plugin that brings none.
 * Throws `plugin_invalid` with the place in the rendered template.
 */
export async function tryTemplates(
  { runtime, namespace }: TemplateTrial,
  plugin: PluginDef,
): Promise<TemplateCheck | undefined> {
  const objects = checkTemplates(plugin, namespace);
  if (objects.length === 0) return undefined;
  if (!runtime?.dryRun)
    return { checked: false, reason: 'this server knows no cluster: the first test that uses it will tell' };
  for (const { file, place, ...object } of objects) {
    try {
      await runtime.dryRun(object, AbortSignal.timeout(timeoutMs));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code !== 'template_invalid') return { checked: false, reason: error.message };
      const path = fieldOf(error.message);
      const { line, column } = place(path);
      const at = line === undefined ? '' : `, rendered line ${line}`;
      throw new Fault('plugin_invalid', `templates/${file}${at}: ${error.message}`, {
        where: {
          file: `templates/${file}`,
          ...(line !== undefined && { line }),
          ...(column !== undefined && { column }),
        },
        hint: 'change the template so that the cluster takes it',
        cause: error,
      });
    }
  }
  return { checked: true };
}

/** The path of the first field that a message of the API server names, as in `unknown field "spec.replicass"` and `x is invalid: spec.a[0]: …`. */
function fieldOf(message: string): (string | number)[] {
  const [, unknown, invalid = ''] = /unknown field "([^"]+)"|is invalid: ([\w.[\]-]+):/.exec(message) ?? [];
  const path = unknown ?? invalid;
  return path.split(/[.[\]]+/).flatMap((name) => (name === '' ? [] : [/^\d+$/.test(name) ? Number(name) : name]));
}
