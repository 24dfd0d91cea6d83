import type { Collection } from 'mongodb';
import type { NumberRequest } from '../../model/job.ts';
import { batchWrites } from './batch-writes.ts';
import type { JobDocument } from './job-document.ts';

/** Maximum number of cached jobs; an evicted one begins a new block. */
const maxJobs = 1000;

type Taker = (request?: NumberRequest) => Promise<number>;

/**
 * Assigns the numbers of a job's tasks by its execCount, those of concurrent requests in one write. Several programs
 * can do so, as a write only succeeds if execCount has not changed meanwhile.
 */
export function createTaskNumbers(collection: Collection<JobDocument>): (id: string) => Taker {
  const takers = new Map<string, Taker>();
  const takeBlock = async (id: string, requests: readonly NumberRequest[]): Promise<number[]> => {
    // Not by findOneAndUpdate: mongo-java-server returns the same document to concurrent calls.
    for (;;) {
      const job = await collection.findOne({ _id: id }, { projection: { execCount: 1, taken: 1 } });
      const assigned = assignNumbers(job?.execCount ?? 0, job?.taken, requests);
      // A deleted job starts nothing: any number will do.
      if (!job) return assigned.numbers;
      const { execCount, taken } = assigned;
      const update = { $set: { execCount, ...(taken && { taken }) } };
      if ((await collection.updateOne({ _id: id, execCount: job.execCount }, update)).matchedCount === 1) {
        return assigned.numbers;
      }
    }
  };
  return (id) => {
    const known = takers.get(id);
    if (known) return known;
    if (takers.size >= maxJobs) takers.clear();
    const take = batchWrites<NumberRequest, number>((requests) => takeBlock(id, requests));
    const taker: Taker = (request = {}) => take(request);
    takers.set(id, taker);
    return taker;
  };
}

function assignNumbers(execCount: number, taken: JobDocument['taken'], requests: readonly NumberRequest[]) {
  const assigned = { execCount, taken, numbers: [] as number[] };
  for (const { after = 0, by } of requests) {
    if (by !== undefined && by === assigned.taken?.by) {
      assigned.numbers.push(assigned.taken.number);
      continue;
    }
    assigned.execCount = Math.max(assigned.execCount, after) + 1;
    assigned.numbers.push(assigned.execCount);
    if (by !== undefined) assigned.taken = { by, number: assigned.execCount };
  }
  return assigned;
}
