import type { Collection, Db } from 'mongodb';
import { upsert } from './upsert.ts';

interface CounterDocument {
  _id: string;
  last: number;
}

/** Numbers that only grow, over all programs on one database; a crash may leave some out. `take` gives the first of `count`. */
export function createSequence(db: Db, name: string): { take(count: number): Promise<number> } {
  const counters: Collection<CounterDocument> = db.collection('counters');
  return {
    async take(count) {
      // Not by findOneAndUpdate: mongo-java-server answers several of them with the same document.
      for (;;) {
        const counter = await counters.findOne({ _id: name });
        if (!counter) await upsert(counters, name, { $setOnInsert: { last: 0 } });
        const last = counter?.last ?? 0;
        const taken = await counters.updateOne({ _id: name, last }, { $set: { last: last + count } });
        if (taken.matchedCount === 1) return last + 1;
      }
    },
  };
}
