import type { Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import type { PluginDef } from '../../model/plugin.ts';
import { checkTemplates } from './check-templates.ts';

/** Time limit of the cluster's answer for one object. */
const timeoutMs = 10_000;

/** Result of the dry run of a plugin's own templates, with the reason when it was not possible. */
export interface TemplateCheck {
  checked: boolean;
  reason?: string;
}

/** Target of a dry run; its runtime has no `dryRun` without a cluster. */
export interface DryRunTarget {
  runtime?: Pick<Runtime, 'dryRun'> | undefined;
  namespace: string;
}

/**
 * Renders a plugin's own templates with sample values and dry-runs the objects in the cluster; returns undefined for a
 * plugin without templates. Throws `plugin_invalid` with the place in the rendered template.
 */
export async function dryRunTemplates(
  { runtime, namespace }: DryRunTarget,
  plugin: PluginDef,
): Promise<TemplateCheck | undefined> {
  const objects = checkTemplates(plugin, namespace);
  if (objects.length === 0) return undefined;
  if (!runtime?.dryRun)
    return { checked: false, reason: 'this server has no cluster: the first test that uses the plugin checks them' };
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
          line,
          column,
        },
        hint: 'change the template so that the cluster accepts it',
        cause: error,
      });
    }
  }
  return { checked: true };
}

/**
 * Returns the path of the first field in a message of the API server, as in `unknown field "spec.replicass"` and `x is
 * invalid: spec.a[0]: …`.
 */
function fieldOf(message: string): (string | number)[] {
  const [, unknown, invalid = ''] = /unknown field "([^"]+)"|is invalid: ([\w.[\]-]+):/.exec(message) ?? [];
  const path = unknown ?? invalid;
  return path.split(/[.[\]]+/).flatMap((name) => (name === '' ? [] : [/^\d+$/.test(name) ? Number(name) : name]));
}
