import type { Collection } from 'mongodb';
import type { Bisect, BisectState } from '../../model/bisect.ts';
import type { BisectStore } from '../../model/ports/bisects.ts';
import { findPage } from './paging.ts';
import { upsert } from './upsert.ts';

/** Stored bisect. `step` counts the writes of its workflow, so that a late writer changes nothing. */
export interface BisectDocument {
  _id: string;
  jobId: string;
  state: BisectState;
  step: number;
  /** Record as JSON. */
  text: string;
  createdAt: Date;
}

export function createBisectStore(bisects: Collection<BisectDocument>): BisectStore {
  return {
    async put(bisect, step) {
      const { id, jobId, state, requestedAt } = bisect;
      const written = { state, step, text: JSON.stringify(bisect) };
      await upsert(bisects, id, { $setOnInsert: { jobId, createdAt: new Date(requestedAt), ...written } });
      await bisects.updateOne({ _id: id, step: { $lt: step } }, { $set: written });
    },
    async get(id) {
      const stored = await bisects.findOne({ _id: id });
      return stored ? toBisect(stored) : undefined;
    },
    async list({ jobId }, request) {
      const { items, ...more } = await findPage(bisects, jobId === undefined ? {} : { jobId }, request);
      return { items: items.map(toBisect), ...more };
    },
    async running() {
      return (await bisects.find({ state: 'running' }).toArray()).map(toBisect);
    },
    async deleteOf(jobId) {
      await bisects.deleteMany({ jobId });
    },
  };
}

function toBisect({ text }: BisectDocument): Bisect {
  return JSON.parse(text);
}
