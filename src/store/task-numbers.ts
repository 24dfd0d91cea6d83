import type { Collection } from 'mongodb';
import type { JobDocument } from './jobs.ts';
import { together } from './together.ts';

/** Jobs whose blocks are kept; one that is forgotten begins a new one. */
const maxJobs = 1000;

/**
 * Gives out the numbers of a job's tasks, by its execCount: those that are asked for at once in one step. Other programs may
 * do so too, as each step is written only where nobody has written meanwhile.
 */
export function numbersOf(collection: Collection<JobDocument>): (id: string) => (after: number) => Promise<number> {
  const takers = new Map<string, (after: number) => Promise<number>>();
  const takeBlock = async (id: string, after: readonly number[]): Promise<number[]> => {
    // Not by findOneAndUpdate: mongo-java-server answers several of them with the same document.
    for (;;) {
      const job = await collection.findOne({ _id: id }, { projection: { execCount: 1 } });
      const numbers: number[] = [];
      for (const least of after) numbers.push(Math.max(numbers.at(-1) ?? job?.execCount ?? 0, least) + 1);
      // Of a job that is gone nothing starts any more: any number will do.
      if (!job) return numbers;
      const { execCount } = job;
      const taken = await collection.updateOne({ _id: id, execCount }, { $set: { execCount: numbers.at(-1) ?? 0 } });
      if (taken.matchedCount === 1) return numbers;
    }
  };
  return (id) => {
    const known = takers.get(id);
    if (known) return known;
    if (takers.size >= maxJobs) takers.clear();
    const taker = together<number, number>((after) => takeBlock(id, after));
    takers.set(id, taker);
    return taker;
  };
}
