import type { Collection, Db } from 'mongodb';
import type { LogChunk, LogStream } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { insertNew } from './insert-new.ts';
import { createStepOrdinals } from './steps.ts';
import { upsert } from './upsert.ts';

/** Number of chunks per delete operation. */
const deleteBatchSize = 500;

/** Streams of a task, in one document, which a reader finds by `_id`. */
interface StreamsDocument {
  _id: string;
  streams: LogStream[];
  /** Numbers of the streams' newest chunks, once deletion has begun: its holes make them impossible to find. */
  ends?: number[];
}

/** Creates a store that finds chunks by exact ids: they are numbered without holes, and `$in` on `_id` is fast. */
export function createLogStore(db: Db): LogStore {
  const chunks: Collection<LogChunk> = db.collection('logs', { ignoreUndefined: true });
  const registry: Collection<StreamsDocument> = db.collection('logStreams');
  const existing = async (stream: string, numbers: readonly number[]): Promise<Set<number>> => {
    const ids = numbers.map((n) => chunkId(stream, n));
    const found = await chunks.find({ _id: { $in: ids } }, { projection: { n: 1 } }).toArray();
    return new Set(found.map(({ n }) => n));
  };
  /** Returns the number of the stream's newest chunk, -1 when it is empty. */
  const findEnd = (stream: string): Promise<number> => findLastNumber((numbers) => existing(stream, numbers));
  return {
    async open(stream) {
      const { taskId } = stream;
      const known = await registry.findOne({ _id: taskId, 'streams.id': stream.id }, { projection: { _id: 1 } });
      if (known) return;
      await upsert(registry, taskId, { $addToSet: { streams: stream } });
    },
    insert: (chunk) => insertNew(chunks, chunk),
    async last(stream) {
      const n = await findEnd(stream);
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
    stepOrdinals: createStepOrdinals(db),
    async delete(taskId) {
      const found = await registry.findOne({ _id: taskId });
      if (!found) return;
      const own = found.streams.filter(({ shared }) => !shared);
      const ends = found.ends ?? (await Promise.all(own.map(({ id }) => findEnd(id))));
      await registry.updateOne({ _id: taskId }, { $set: { ends } });
      for (const [index, last] of ends.entries()) {
        for (let from = 0; from <= last; from += deleteBatchSize) {
          const count = Math.min(deleteBatchSize, last - from + 1);
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
 * Finds the greatest number of a dense sequence from 0, or -1. Doubles until one is missing, then narrows down by 16
 * ids per query. So a query takes as long for a long stream as for a short one.
 */
async function findLastNumber(existing: (numbers: number[]) => Promise<Set<number>>): Promise<number> {
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
