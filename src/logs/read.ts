import { Fault } from '../model/fault.ts';
import type { LogStore } from '../model/log.ts';
import { type Place, readCursor, writeCursor } from './cursor.ts';
import { compareStamps } from './stamps.ts';
import { type LogItem, StreamReader } from './stream-reader.ts';

export type { LogItem, LogLoss, LogText } from './stream-reader.ts';

/** Characters of a page, beyond which it has fewer items than were asked for. */
const pageSize = 4_000_000;

export interface LogRequest {
  taskId: string;
  filter?: {
    source?: string;
    step?: string;
    attempt?: number;
  };
  /** `nextCursor` of the page before, which had the same filter. */
  after?: string;
  /** Most items of the page. */
  limit: number;
}

export interface LogPage {
  items: LogItem[];
  /** Where the next page begins, also when there is none yet. */
  nextCursor: string;
  /** Nothing more is stored. Of a task that was settled before this page was read, nothing more will come. */
  ended: boolean;
}

/**
 * A page of a task's log: what is stored of its streams, merged by time. From page to page each line comes exactly once;
 * one that is stored late comes late. Throws `invalid_request` for a cursor that is not one of this task.
 */
export async function readLogs(logs: LogStore, { taskId, filter = {}, after, limit }: LogRequest): Promise<LogPage> {
  const streams = await logs.streams(taskId);
  const places = after === undefined ? [] : readCursor(after);
  if (places.length > streams.length) {
    throw new Fault('invalid_request', 'the place in the log is not one of this task', { where: { path: 'after' } });
  }
  const readers = new Map<number, StreamReader>();
  for (const [index, stream] of streams.entries()) {
    if (filter.source !== undefined && stream.source !== filter.source) continue;
    if (filter.attempt !== undefined && stream.attempt !== filter.attempt) continue;
    // Only the runner knows of steps.
    if (filter.step !== undefined && stream.source !== 'runner') continue;
    readers.set(index, new StreamReader(logs, stream, places[index] ?? [0, 0], filter.step));
  }
  const { items, ended } = await merge([...readers.values()], limit);
  const next = streams.map((_, index): Place => readers.get(index)?.place ?? places[index] ?? [0, 0]);
  return { items, nextCursor: writeCursor(next), ended };
}

async function merge(readers: readonly StreamReader[], limit: number): Promise<{ items: LogItem[]; ended: boolean }> {
  const items: LogItem[] = [];
  const heads = await Promise.all(readers.map((reader) => reader.peek()));
  for (let size = 0; items.length < limit && size < pageSize; ) {
    const first = earliest(heads);
    const item = heads[first];
    const reader = readers[first];
    if (!item || !reader) return { items, ended: true };
    items.push(item);
    size += 'text' in item ? item.text.length : 0;
    reader.take();
    heads[first] = await reader.peek();
  }
  return { items, ended: heads.every((head) => head === undefined) };
}

/** Index of the item with the smallest stamp; -1 when there is none. */
function earliest(heads: readonly (LogItem | undefined)[]): number {
  let first = -1;
  for (const [index, head] of heads.entries()) {
    if (head && (first < 0 || compareStamps(head.at, heads[first]?.at ?? '') < 0)) first = index;
  }
  return first;
}
