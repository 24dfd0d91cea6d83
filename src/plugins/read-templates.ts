import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginDef } from '../model/plugin.ts';
import { serviceTemplatesSchema } from '../model/plugin.ts';

type Templates = NonNullable<PluginDef['templates']>;

/** The templates for a cluster that a declarative plugin brings in `templates/` beside its plugin.yaml, if any. */
export async function readTemplates(folder: string): Promise<Templates | undefined> {
  const names = Object.keys(serviceTemplatesSchema.shape) as (keyof Templates)[];
  const found: Templates = {};
  for (const name of names) {
    try {
      found[name] = await readFile(join(folder, 'templates', `${name}.yaml`), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
