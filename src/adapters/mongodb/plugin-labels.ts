import type { Db } from 'mongodb';
import type { LabelStore } from '../../model/ports/plugins.ts';
import { upsert } from './upsert.ts';

interface LabelsDocument {
  _id: string;
  added?: string[];
  removed?: string[];
}

/** Creates a store of label changes, apart from the plugins' records, which each scan of the plugin store replaces. */
export function createLabelStore(db: Db): LabelStore {
  const collection = db.collection<LabelsDocument>('pluginLabels');
  return {
    async changes() {
      const found = await collection.find().toArray();
      return new Map(found.map(({ _id, added = [], removed = [] }) => [_id, { added, removed }]));
    },
    add: (plugin, label) => upsert(collection, plugin, { $addToSet: { added: label }, $pull: { removed: label } }),
    remove: (plugin, label) => upsert(collection, plugin, { $addToSet: { removed: label }, $pull: { added: label } }),
    async forget(plugin) {
      await collection.deleteOne({ _id: plugin });
    },
  };
}
