import type { Collection, Db } from 'mongodb';
import type { LogChunk, LogStream } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { insertNew } from './insert-new.ts';
import { stepPlaces } from './steps.ts';
import { upsert } from './upsert.ts';

/** Chunks that are deleted at once. */
const deleteBlock = 500;

/** The streams of one task, in one document, so that a reader finds them by `_id`. */
interface StreamsDocument {
  _id: string;
  streams: LogStream[];
  /** Numbers of the streams' newest chunks, once deletion has begun: it makes holes, after which they cannot be found. */
  ends?: number[];
}

/** Chunks are found by their exact ids alone: they are numbered without holes, and `$in` on `_id` is quick on every server. */
export function createLogStore(db: Db): LogStore {
  const chunks: Collection<LogChunk> = db.collection('logs', { ignoreUndefined: true });
  const registry: Collection<StreamsDocument> = db.collection('logStreams');
  const existing = async (stream: string, numbers: readonly number[]): Promise<Set<number>> => {
    const ids = numbers.map((n) => chunkId(stream, n));
    const found = await chunks.find({ _id: { $in: ids } }, { projection: { n: 1 } }).toArray();
    return new Set(found.map(({ n }) => n));
  };
  /** Number of the stream's newest chunk, -1 when it is empty. */
  const end = (stream: string): Promise<number> => lastNumber((numbers) => existing(stream, numbers));
  return {
    async open(stream) {
      const { taskId } = stream;
      const known = await registry.findOne({ _id: taskId, 'streams.id': stream.id }, { projection: { _id: 1 } });
      if (known) return;
      await upsert(registry, taskId, { $addToSet: { streams: stream } });
    },
    insert: (chunk) => insertNew(chunks, chunk),
    async last(stream) {
      const n = await end(stream);
      return n < 0 ? undefined : ((await chunks.findOne({ _id: chunkId(stream, n) })) ?? undefined);
    },
    async read(stream, from, count) {
      const found = await chunks.find({ _id: { $in: chunkIds(stream, from, count) } }).toArray();
      found.sort((a, b) => a.n - b.n);
      const hole = found.findIndex((chunk, index) => chunk.n !== from + index);
      return hole < 0 ? found : found.slice(0, hole);
    },
    async streams(taskId) {
      return (await registry.findOne({ _id: taskId }))?.streams ?? [];
    },
    stepPlace: stepPlaces(db),
    async delete(taskId) {
      const found = await registry.findOne({ _id: taskId });
      if (!found) return;
      const own = found.streams.filter(({ shared }) => !shared);
      const ends = found.ends ?? (await Promise.all(own.map(({ id }) => end(id))));
      await registry.updateOne({ _id: taskId }, { $set: { ends } });
      for (const [index, last] of ends.entries()) {
        for (let from = 0; from <= last; from += deleteBlock) {
          const count = Math.min(deleteBlock, last - from + 1);
          const ids = chunkIds(own[index]?.id ?? '', from, count);
          await chunks.deleteMany({ _id: { $in: ids } });
        }
      }
      await registry.deleteOne({ _id: taskId });
    },
  };
}

function chunkId(stream: string, n: number): string {
  return `${stream}/${n}`;
}

function chunkIds(stream: string, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => chunkId(stream, from + index));
}

/**
 * The greatest number of a dense sequence from 0, or -1: doubles until one is missing, then narrows down by 16 ids a
 * question. So a question takes as long for the last chunk of a long stream as for that of a short one.
 */
async function lastNumber(existing: (numbers: number[]) => Promise<Set<number>>): Promise<number> {
  const powers = Array.from({ length: 24 }, (_, exponent) => 2 ** exponent - 1);
  const found = await existing(powers);
  if (!found.has(0)) return -1;
  let low = Math.max(...found);
  let high = low * 2 + 1;
  while (high - low > 1) {
    const step = Math.max(1, Math.ceil((high - low) / 16));
    const probes: number[] = [];
    for (let n = low + step; n < high; n += step) probes.push(n);
    const hits = await existing(probes);
    const next = hits.size === 0 ? low : Math.max(...hits);
    high = Math.min(high, next + step);
    low = next;
  }
  return low;
}
