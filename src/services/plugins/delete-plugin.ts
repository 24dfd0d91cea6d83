import { Fault } from '../../model/fault.ts';
import { found } from '../../model/found.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { exclusively } from './exclusively.ts';
import { findUses } from './find-uses.ts';
import { removeFiles, removeLeftOvers } from './store-files.ts';

export interface DeletePorts {
  plugins: PluginStore;
  labels: LabelStore;
  flows: FlowStore;
  tasks: TaskStore;
  /** The plugin store. */
  directory: string;
}

/**
 * Deletes a version of a plugin, or all, with their files. Throws `not_found`, and `conflict` for one that is built in, or
 * that steps of test flows or of tasks under way need, which it names.
 */
export async function deletePlugin(ports: DeletePorts, name: string, version?: string): Promise<void> {
  await exclusively(ports.plugins, async () => {
    const all = (await ports.plugins.list()).filter((plugin) => plugin.name === name);
    const isGone = (plugin: Plugin): boolean => version === undefined || plugin.version === version;
    const gone = all.filter(isGone);
    const left = all.filter((plugin) => !isGone(plugin));
    found(gone[0], version === undefined ? `plugin ${name}` : `plugin ${name} ${version}`);
    await check(ports, gone, left);
    for (const plugin of gone) await remove(ports, plugin);
    if (left.length === 0) await ports.labels.forget(name);
  });
}

async function check(ports: DeletePorts, gone: readonly Plugin[], left: readonly Plugin[]): Promise<void> {
  const builtin = gone.find(({ form }) => form === 'builtin');
  if (builtin) throw new Fault('conflict', `plugin ${builtin.name} ${builtin.version} is built in and stays`);
  const uses = await findUses(ports, gone, left);
  const [first] = uses;
  if (!first) return;
  const more = uses.length > 1 ? ` (and ${uses.length - 1} more)` : '';
  throw new Fault('conflict', `it is in use by ${first.message}${more}`, {
    where: first.where,
    hint: 'change these test flows first, and wait for these tasks or stop them',
    mistakes: uses,
  });
}

/** Files first: after a crash in between, a record without a file is removed by the next try or start. */
async function remove({ plugins, directory }: DeletePorts, { name, version }: Plugin): Promise<void> {
  for (;;) {
    const plugin = await plugins.get(name, version);
    if (!plugin) return;
    await removeFiles(directory, plugin);
    await removeLeftOvers(directory, { ...plugin, file: undefined });
    if (await plugins.change(plugin, undefined)) return;
  }
}
