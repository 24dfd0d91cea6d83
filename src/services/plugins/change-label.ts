import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import { requireFound } from '../../model/require-found.ts';

/** Adds a label to all versions of a plugin, or removes it. Throws `not_found` when the plugin does not exist. */
export async function changeLabel(
  ports: { plugins: PluginStore; labels: LabelStore },
  change: 'add' | 'remove',
  { plugin, label }: { plugin: string; label: string },
): Promise<void> {
  requireFound(await ports.plugins.get(plugin), `plugin ${plugin}`);
  await ports.labels[change](plugin, label);
}
