import type { Collection } from 'mongodb';
import type { NumberRequest } from '../../model/job.ts';
import type { JobDocument } from './job-document.ts';
import { together } from './together.ts';

/** Jobs whose blocks are kept; one that is forgotten begins a new one. */
const maxJobs = 1000;

type Taker = (request?: NumberRequest) => Promise<number>;

/**
 * Gives out the numbers of a job's tasks, by its execCount: those that are asked for at once in one step. Other programs may
 * do so too, as each step is written only where nobody has written meanwhile.
 */
export function numbersOf(collection: Collection<JobDocument>): (id: string) => Taker {
  const takers = new Map<string, Taker>();
  const takeBlock = async (id: string, requests: readonly NumberRequest[]): Promise<number[]> => {
    // Not by findOneAndUpdate: mongo-java-server answers several of them with the same document.
    for (;;) {
      const job = await collection.findOne({ _id: id }, { projection: { execCount: 1, taken: 1 } });
      const given = give(job?.execCount ?? 0, job?.taken, requests);
      // Of a job that is gone nothing starts any more: any number will do.
      if (!job) return given.numbers;
      const { execCount, taken } = given;
      const update = { $set: { execCount, ...(taken && { taken }) } };
      if ((await collection.updateOne({ _id: id, execCount: job.execCount }, update)).matchedCount === 1) {
        return given.numbers;
      }
    }
  };
  return (id) => {
    const known = takers.get(id);
    if (known) return known;
    if (takers.size >= maxJobs) takers.clear();
    const take = together<NumberRequest, number>((requests) => takeBlock(id, requests));
    const taker: Taker = (request = {}) => take(request);
    takers.set(id, taker);
    return taker;
  };
}

function give(execCount: number, taken: JobDocument['taken'], requests: readonly NumberRequest[]) {
  const given = { execCount, taken, numbers: [] as number[] };
  for (const { after = 0, by } of requests) {
    if (by !== undefined && by === given.taken?.by) {
      given.numbers.push(given.taken.number);
      continue;
    }
    given.execCount = Math.max(given.execCount, after) + 1;
    given.numbers.push(given.execCount);
    if (by !== undefined) given.taken = { by, number: given.execCount };
  }
  return given;
}
