import type { Collection } from 'mongodb';
import { Fault } from '../model/fault.ts';
import type { Job } from '../model/job.ts';
import type { JobStore } from '../model/ports.ts';
import { codec, isDuplicate, type Stored } from './documents.ts';
import { page } from './paging.ts';

type TextField = 'versions' | 'globalProperties';
export type JobDocument = Stored<Job, TextField>;

const { toStored, fromStored } = codec<Job, TextField>(['versions', 'globalProperties']);

export function createJobStore(collection: Collection<JobDocument>): JobStore {
  return {
    async insert(job) {
      try {
        await collection.insertOne(toStored(job));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new Fault('conflict', `a job named ${job.name} exists already`, { where: { path: 'name' } });
      }
    },
    async get(id) {
      const stored = await collection.findOne({ _id: id });
      return stored ? fromStored(stored) : undefined;
    },
    async list(request) {
      const { items, ...more } = await page(collection, {}, request);
      return { items: items.map(fromStored), ...more };
    },
    async delete(id) {
      return (await collection.deleteOne({ _id: id })).deletedCount === 1;
    },
    async countRun(id, number) {
      await collection.updateOne({ _id: id }, { $max: { execCount: number } });
    },
  };
}
