import type { Plugin, PluginType } from '../../model/plugin.ts';
import type { LabelChange, LabelStore, PluginStore } from '../../model/ports/plugins.ts';

export interface PluginFilter {
  name?: string;
  type?: PluginType;
  label?: string;
}

/** Returns all versions of the plugins of a filter, by name and then newest first, with their current labels. */
export async function listPlugins(
  ports: { plugins: PluginStore; labels: LabelStore },
  { name, type, label }: PluginFilter = {},
): Promise<Plugin[]> {
  const [plugins, changes] = await Promise.all([ports.plugins.list(), ports.labels.changes()]);
  return plugins
    .map((plugin) => ({ ...plugin, labels: labelsOf(plugin, changes.get(plugin.name)) }))
    .filter((plugin) => name === undefined || plugin.name === name)
    .filter((plugin) => type === undefined || plugin.pluginType === type)
    .filter((plugin) => label === undefined || plugin.labels.includes(label));
}

/** Returns the labels of the version and the added ones, without the removed ones. */
function labelsOf({ labels }: Plugin, { added, removed }: LabelChange = { added: [], removed: [] }): string[] {
  return [...new Set([...labels, ...added])].filter((label) => !removed.includes(label)).sort();
}
