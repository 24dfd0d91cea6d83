import type { Collection, Db } from 'mongodb';
import { upsert } from './upsert.ts';

interface CounterDocument {
  _id: string;
  last: number;
}

/** Numbers that only grow, over all programs on one database; a crash may leave one out. */
export function createSequence(db: Db, name: string): { next(): Promise<number> } {
  const counters: Collection<CounterDocument> = db.collection('counters');
  const raise = () => counters.findOneAndUpdate({ _id: name }, { $inc: { last: 1 } }, { returnDocument: 'after' });
  return {
    async next() {
      for (;;) {
        const counter = await raise();
        if (counter) return counter.last;
        await upsert(counters, name, { $setOnInsert: { last: 0 } });
      }
    },
  };
}
