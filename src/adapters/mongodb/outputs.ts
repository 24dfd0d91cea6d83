import type { Db } from 'mongodb';
import type { OutputStore } from '../../model/ports/outputs.ts';
import { upsert } from './upsert.ts';

/** Steps of an attempt with outputs. `_id` is `<taskId>/<attempt>`. */
interface AttemptDocument {
  _id: string;
  instances: string[];
}

/** Outputs of a step as text, as MongoDB does not accept every key. `_id` is `<taskId>/<attempt>/<instance>`. */
interface OutputDocument {
  _id: string;
  text: string;
  masked?: string[][];
}

/** Creates a store with a record per step, as all outputs of an attempt may exceed a document of MongoDB. */
export function createOutputStore(db: Db): OutputStore {
  const attempts = db.collection<AttemptDocument>('outputAttempts');
  const outputs = db.collection<OutputDocument>('outputs');
  const instancesOf = async (attempt: string): Promise<string[]> =>
    (await attempts.findOne({ _id: attempt }))?.instances ?? [];
  const documentsOf = async (attempt: string): Promise<[instance: string, OutputDocument][]> => {
    const prefix = `${attempt}/`;
    const ids = (await instancesOf(attempt)).map((instance) => prefix + instance);
    const found = await outputs.find({ _id: { $in: ids } }).toArray();
    return found.map((document) => [document._id.slice(prefix.length), document]);
  };
  return {
    async put(taskId, attempt, instance, values, masked = []) {
      const id = `${taskId}/${attempt}`;
      // Written first, so that stored outputs are always found and deleted.
      await upsert(attempts, id, { $addToSet: { instances: instance } });
      await upsert(outputs, `${id}/${instance}`, { $set: { text: JSON.stringify(values), masked } });
    },
    async all(taskId, attempt) {
      const found = await documentsOf(`${taskId}/${attempt}`);
      return Object.fromEntries(found.map(([instance, { text }]) => [instance, JSON.parse(text)]));
    },
    async masked(taskId, attempt) {
      const found = await documentsOf(`${taskId}/${attempt}`);
      return Object.fromEntries(found.map(([instance, { masked = [] }]) => [instance, masked]));
    },
    async delete(taskId, count) {
      for (let attempt = 1; attempt <= count; attempt += 1) {
        const id = `${taskId}/${attempt}`;
        const ids = (await instancesOf(id)).map((instance) => `${id}/${instance}`);
        await outputs.deleteMany({ _id: { $in: ids } });
        await attempts.deleteOne({ _id: id });
      }
    },
  };
}
