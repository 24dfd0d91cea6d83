import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { type PluginDef, serviceTemplatesSchema } from '../../model/plugin.ts';

type Templates = NonNullable<PluginDef['templates']>;

const names = Object.keys(serviceTemplatesSchema.shape) as (keyof Templates)[];
/**
 * `statefulset.yaml`, or the names of the original's plugins: `sophon-auth-statefulset.yaml`,
 * `…-stateful-deployment.yaml`.
 */
const patterns: Record<keyof Templates, RegExp> = {
  configmap: /(^|-)configmap\.ya?ml$/i,
  headless: /(^|-)headless\.ya?ml$/i,
  statefulset: /(^|-)(statefulset|stateful-deployment)\.ya?ml$/i,
};

/**
 * Returns the Kubernetes templates in `templates/` of a declarative plugin, if it has any. Throws `plugin_invalid` for
 * any other file and for two files of one kind.
 */
export async function readTemplates(folder: string): Promise<Templates | undefined> {
  const found: Templates = {};
  const files = new Map<keyof Templates, string>();
  for (const file of await filesOf(join(folder, 'templates'))) {
    const name = names.find((one) => patterns[one].test(file));
    if (!name) {
      throw new Fault('plugin_invalid', `templates/${file} is not a template of a service`, {
        hint: 'name it configmap.yaml, headless.yaml or statefulset.yaml, optionally after a prefix and a hyphen',
      });
    }
    const other = files.get(name);
    if (other) throw new Fault('plugin_invalid', `templates/${other} and templates/${file} are both the ${name}`);
    files.set(name, file);
    found[name] = await readFile(join(folder, 'templates', file), 'utf8');
  }
  return files.size > 0 ? found : undefined;
}

/** Returns the files of a folder without hidden ones, as in the plugin store; none when the folder does not exist. */
async function filesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
