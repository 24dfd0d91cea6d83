import type { Collection, Db } from 'mongodb';
import { upsert } from './upsert.ts';

interface CounterDocument {
  _id: string;
  last: number;
}

/** Creates a growing sequence of a database; a crash may skip numbers. `take` returns the first of `count` numbers. */
export function createSequence(db: Db, name: string): { take(count: number): Promise<number> } {
  const counters: Collection<CounterDocument> = db.collection('counters');
  return {
    async take(count) {
      // Not by findOneAndUpdate: mongo-java-server returns the same document to concurrent calls.
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
