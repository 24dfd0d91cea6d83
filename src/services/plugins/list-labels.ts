import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import { listPlugins } from './list-plugins.ts';

/** Returns every label with the names of the plugins that have it, in order. */
export async function listLabels(ports: {
  plugins: PluginStore;
  labels: LabelStore;
}): Promise<{ label: string; plugins: string[] }[]> {
  const names = new Map<string, Set<string>>();
  for (const { name, labels } of await listPlugins(ports)) {
    for (const label of labels) names.set(label, (names.get(label) ?? new Set()).add(name));
  }
  const sorted = [...names].sort(([one], [other]) => one.localeCompare(other));
  return sorted.map(([label, plugins]) => ({ label, plugins: [...plugins] }));
}
