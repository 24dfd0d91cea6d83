import type { Collection } from 'mongodb';
import { Fault } from '../model/fault.ts';
import type { TestFlow } from '../model/flow.ts';
import type { FlowStore } from '../model/ports.ts';
import { codec, isDuplicate, type Stored } from './documents.ts';
import { page } from './paging.ts';

export type FlowDocument = Stored<TestFlow, 'globalProperties'>;

const { toStored, fromStored } = codec<TestFlow, 'globalProperties'>(['globalProperties']);

export function createFlowStore(collection: Collection<FlowDocument>): FlowStore {
  return {
    async insert(flow) {
      try {
        await collection.insertOne(toStored(flow));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new Fault('conflict', `a test flow named ${flow.name} exists already`, { where: { path: 'name' } });
      }
    },
    async get(id) {
      const stored = await collection.findOne({ _id: id });
      return stored ? fromStored(stored) : undefined;
    },
    async list(request) {
      const { items, ...more } = await page(collection, {}, request, ['graph']);
      return { items: items.map(fromStored), ...more };
    },
  };
}
