import type { Db } from 'mongodb';
import type { Plugin } from '../../model/plugin.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { insertNew } from './insert-new.ts';
import { createLease } from './lease.ts';

/** Stored plugin as text, as MongoDB does not accept every key of a JSON Schema. */
interface PluginDocument {
  _id: string;
  name: string;
  plugin: string;
}

export function createPluginStore(db: Db): PluginStore {
  const collection = db.collection<PluginDocument>('plugins');
  const list = async (filter: { name?: string }): Promise<Plugin[]> => {
    const found = await collection.find(filter).toArray();
    return found.map(({ plugin }) => JSON.parse(plugin) as Plugin).sort(byNameThenNewest);
  };
  const change: PluginStore['change'] = async (before, after) => {
    if (before && after) {
      const { matchedCount } = await collection.replaceOne(toStored(before), toStored(after));
      return matchedCount === 1;
    }
    if (before) return (await collection.deleteOne(toStored(before))).deletedCount === 1;
    if (!after) return true;
    return insertNew(collection, toStored(after));
  };
  return {
    ...createLease(db, 'pluginStore'),
    list: () => list({}),
    async get(name, version) {
      return (await list({ name })).find((plugin) => version === undefined || plugin.version === version);
    },
    change,
    async replaceAll(plugins, before) {
      const old = new Map((before ?? (await list({}))).map((plugin) => [keyOf(plugin), plugin]));
      for (const plugin of plugins) {
        const known = old.get(keyOf(plugin));
        old.delete(keyOf(plugin));
        if (JSON.stringify(known) !== JSON.stringify(plugin)) await change(known, plugin);
      }
      for (const plugin of old.values()) await change(plugin, undefined);
    },
  };
}

/** Converts a plugin to its document, which is also the filter that matches the unchanged document. */
function toStored(plugin: Plugin): PluginDocument {
  return { _id: keyOf(plugin), name: plugin.name, plugin: JSON.stringify(plugin) };
}

function keyOf({ name, version }: Plugin): string {
  return `${name}@${version}`;
}

function byNameThenNewest(a: Plugin, b: Plugin): number {
  return a.name.localeCompare(b.name) || b.version.localeCompare(a.version, 'en', { numeric: true });
}
