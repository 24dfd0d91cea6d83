import { found } from '../../model/found.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';

/** Gives a label to all versions of a plugin, or takes it away. Throws `not_found` without such a plugin. */
export async function changeLabel(
  ports: { plugins: PluginStore; labels: LabelStore },
  change: 'add' | 'remove',
  { plugin, label }: { plugin: string; label: string },
): Promise<void> {
  found(await ports.plugins.get(plugin), `plugin ${plugin}`);
  await ports.labels[change](plugin, label);
}
