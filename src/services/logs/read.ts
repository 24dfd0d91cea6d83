import { Fault } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { type Place, readCursor, writeCursor } from './cursor.ts';
import { chunksOfSearch, matcher, type TextSearch } from './search.ts';
import { compareStamps } from './stamps.ts';
import { type LogItem, later, StreamReader } from './stream-reader.ts';

export type { LogItem } from './stream-reader.ts';

/** Characters of a page, beyond which it has fewer items than were asked for. */
const pageSize = 4_000_000;

export interface LogRequest {
  taskId: string;
  filter?: {
    source?: string;
    /** Name of a pod. */
    pod?: string;
    step?: string;
    attempt?: number;
    search?: TextSearch;
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
  /** Nothing more is stored: only then is there no further page, also if this one is short or empty, as a search may be. Of a task that was settled before this page was read, nothing more will come. */
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
  const { step, search, attempt } = filter;
  const options = { step, attempt, ...(search && { wanted: matcher(search), budget: { chunks: chunksOfSearch } }) };
  for (const [index, stream] of streams.entries()) {
    if (filter.source !== undefined && stream.source !== filter.source) continue;
    if (filter.pod !== undefined && stream.pod !== filter.pod) continue;
    // A component may have printed in later attempts than that which it was made in.
    if (filter.attempt !== undefined && stream.attempt > filter.attempt) continue;
    // Only the runner knows of steps.
    if (step !== undefined && stream.source !== 'runner') continue;
    readers.set(index, new StreamReader(logs, stream, places[index] ?? [0, 0], options));
  }
  const { items, ended } = await merge([...readers.values()], limit);
  const next = streams.map((_, index): Place => readers.get(index)?.place ?? places[index] ?? [0, 0]);
  return { items, nextCursor: writeCursor(next), ended };
}

type Head = Awaited<ReturnType<StreamReader['peek']>>;

async function merge(readers: readonly StreamReader[], limit: number): Promise<{ items: LogItem[]; ended: boolean }> {
  const items: LogItem[] = [];
  const heads: Head[] = await Promise.all(readers.map((reader) => reader.peek()));
  for (let size = 0; items.length < limit && size < pageSize; ) {
    // Who comes first is not known while one of them has not looked far enough.
    if (heads.includes(later)) break;
    const first = earliest(heads);
    const reader = first && readers[first.index];
    if (!reader) return { items, ended: true };
    items.push(first.item);
    size += 'text' in first.item ? first.item.text.length : 0;
    reader.take();
    heads[first.index] = await reader.peek();
  }
  return { items, ended: heads.every((head) => head === undefined) };
}

/** The item with the smallest stamp, and whose it is. */
function earliest(heads: readonly Head[]): { item: LogItem; index: number } | undefined {
  let first: { item: LogItem; index: number } | undefined;
  for (const [index, item] of heads.entries()) {
    if (item === undefined || item === later) continue;
    if (!first || compareStamps(item.at, first.item.at) < 0) first = { item, index };
  }
  return first;
}
