import type { Collection } from 'mongodb';
import type { Plugin } from '../model/plugin.ts';
import type { PluginStore } from '../model/ports.ts';
import { isDuplicate } from './documents.ts';

/** A plugin's record; its schemas are kept as text, as MongoDB does not take every key that JSON Schema has. */
export interface PluginDocument {
  _id: string;
  name: string;
  plugin: string;
}

export function createPluginStore(collection: Collection<PluginDocument>): PluginStore {
  const list = async (filter: { name?: string }): Promise<Plugin[]> => {
    const found = await collection.find(filter).toArray();
    return found.map(({ plugin }) => JSON.parse(plugin) as Plugin).sort(byNameThenNewest);
  };
  return {
    list: () => list({}),
    async get(name, version) {
      return (await list({ name })).find((plugin) => version === undefined || plugin.version === version);
    },
    async replaceAll(plugins) {
      const documents = plugins.map((plugin) => ({
        _id: `${plugin.name}@${plugin.version}`,
        name: plugin.name,
        plugin: JSON.stringify(plugin),
      }));
      for (const document of documents) await put(collection, document);
      await collection.deleteMany({ _id: { $nin: documents.map(({ _id }) => _id) } });
    },
  };
}

/** Of two upserts at once, one may be refused as a duplicate; by then the record is there to be replaced. */
async function put(collection: Collection<PluginDocument>, document: PluginDocument): Promise<void> {
  const replace = () => collection.replaceOne({ _id: document._id }, document, { upsert: true });
  await replace().catch((error: unknown) => {
    if (!isDuplicate(error)) throw error;
    return replace();
  });
}

function byNameThenNewest(a: Plugin, b: Plugin): number {
  return a.name.localeCompare(b.name) || b.version.localeCompare(a.version, 'en', { numeric: true });
}
