import { Fault } from '../../model/fault.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { findUses } from './find-uses.ts';
import { removeFiles, removeStaleFiles } from './store-files.ts';
import { withStoreLock } from './with-store-lock.ts';

export interface DeletePorts {
  plugins: PluginStore;
  labels: LabelStore;
  flows: FlowStore;
  tasks: TaskStore;
  /** Path of the plugin store. */
  directory: string;
}

/**
 * Deletes a version of a plugin, or all versions, with their files. Throws `not_found`, and `conflict` when the plugin
 * is built in or is used by steps of test flows or unsettled tasks, which it names.
 */
export async function deletePlugin(ports: DeletePorts, name: string, version?: string): Promise<void> {
  await withStoreLock(ports.plugins, async () => {
    const all = (await ports.plugins.list()).filter((plugin) => plugin.name === name);
    const isGone = (plugin: Plugin): boolean => version === undefined || plugin.version === version;
    const gone = all.filter(isGone);
    const left = all.filter((plugin) => !isGone(plugin));
    requireFound(gone[0], version === undefined ? `plugin ${name}` : `plugin ${name} ${version}`);
    await check(ports, gone, left);
    for (const plugin of gone) await remove(ports, plugin);
    if (left.length === 0) await ports.labels.forget(name);
  });
}

async function check(ports: DeletePorts, gone: readonly Plugin[], left: readonly Plugin[]): Promise<void> {
  const builtin = gone.find(({ form }) => form === 'builtin');
  if (builtin)
    throw new Fault('conflict', `plugin ${builtin.name} ${builtin.version} is built in and cannot be deleted`);
  const uses = await findUses(ports, gone, left);
  const [first] = uses;
  if (!first) return;
  const more = uses.length > 1 ? ` (and ${uses.length - 1} more)` : '';
  throw new Fault('conflict', `it is in use by ${first.message}${more}`, {
    where: first.where,
    hint: 'change these test flows first, and wait for these tasks or stop them',
    issues: uses,
  });
}

/** Removes the files first: after a crash, the next try or start removes a record without a file. */
async function remove({ plugins, directory }: DeletePorts, { name, version }: Plugin): Promise<void> {
  for (;;) {
    const plugin = await plugins.get(name, version);
    if (!plugin) return;
    await removeFiles(directory, plugin);
    await removeStaleFiles(directory, { ...plugin, file: undefined });
    if (await plugins.change(plugin, undefined)) return;
  }
}
