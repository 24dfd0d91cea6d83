import type { Collection } from 'mongodb';
import type { Group } from '../../model/group.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import { createCodec, type Stored } from './documents.ts';
import { findPage } from './paging.ts';
import { createUniqueNameGuard } from './unique-name.ts';

export type GroupDocument = Stored<Group, never>;

const { toStored, fromStored } = createCodec<Group, never>([]);
const guardName = createUniqueNameGuard('group');

export function createGroupStore(collection: Collection<GroupDocument>): GroupStore {
  return {
    async insert(group) {
      await guardName(group.name, collection.insertOne(toStored(group)));
    },
    async get(id) {
      const stored = await collection.findOne({ _id: id });
      return stored ? fromStored(stored) : undefined;
    },
    async list(request) {
      const { items, ...more } = await findPage(collection, {}, request);
      return { items: items.map(fromStored), ...more };
    },
    async replace(group) {
      const { _id, ...fields } = toStored(group);
      return (await guardName(group.name, collection.replaceOne({ _id }, fields))).matchedCount === 1;
    },
    async delete(id) {
      return (await collection.deleteOne({ _id: id })).deletedCount === 1;
    },
  };
}
