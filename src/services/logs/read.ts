import { Fault } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { decodeCursors, encodeCursors, type StreamCursor } from './cursor.ts';
import { createMatcher, maxSearchChunks, type TextSearch } from './search.ts';
import { budgetSpent, type LogItem, StreamReader } from './stream-reader.ts';
import { compareTimestamps } from './timestamps.ts';

export type { LogItem } from './stream-reader.ts';

/** Size limit of a page in characters; beyond it, a page has fewer items than requested. */
const maxPageLength = 4_000_000;

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
  /** `nextCursor` of the previous page with the same filter. */
  after?: string;
  /** Maximum number of items. */
  limit: number;
}

export interface LogPage {
  items: LogItem[];
  /** Cursor of the next page, also when there is none yet. */
  nextCursor: string;
  /**
   * True when nothing more is stored. A short or empty page alone does not mean the end, as in a search. Final if the task was
   * settled before the page was read.
   */
  ended: boolean;
}

/**
 * Returns a page of a task's log: its stored streams, merged by time. Across pages each line appears exactly once; a line that
 * is stored late appears late. Throws `invalid_request` for a cursor of another task.
 */
export async function readLogs(logs: LogStore, { taskId, filter = {}, after, limit }: LogRequest): Promise<LogPage> {
  const streams = await logs.streams(taskId);
  const cursors = after === undefined ? [] : decodeCursors(after);
  if (cursors.length > streams.length) {
    throw new Fault('invalid_request', 'the log cursor does not belong to this task', { where: { path: 'after' } });
  }
  const readers = new Map<number, StreamReader>();
  const { step, search, attempt } = filter;
  const options = {
    step,
    attempt,
    ...(search && { wanted: createMatcher(search), budget: { chunks: maxSearchChunks } }),
  };
  for (const [index, stream] of streams.entries()) {
    if (filter.source !== undefined && stream.source !== filter.source) continue;
    if (filter.pod !== undefined && stream.pod !== filter.pod) continue;
    // A component may print in later attempts than the one that created it.
    if (filter.attempt !== undefined && stream.attempt > filter.attempt) continue;
    // Only the runner's stream has steps.
    if (step !== undefined && stream.source !== 'runner') continue;
    readers.set(index, new StreamReader(logs, stream, cursors[index] ?? [0, 0], options));
  }
  const { items, ended } = await merge([...readers.values()], limit);
  const next = streams.map((_, index): StreamCursor => readers.get(index)?.cursor ?? cursors[index] ?? [0, 0]);
  return { items, nextCursor: encodeCursors(next), ended };
}

type Head = Awaited<ReturnType<StreamReader['peek']>>;

async function merge(readers: readonly StreamReader[], limit: number): Promise<{ items: LogItem[]; ended: boolean }> {
  const items: LogItem[] = [];
  const heads: Head[] = await Promise.all(readers.map((reader) => reader.peek()));
  for (let size = 0; items.length < limit && size < maxPageLength; ) {
    // The order is unknown until every stream has its next item.
    if (heads.includes(budgetSpent)) break;
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

/** Returns the item with the smallest timestamp, and the index of its reader. */
function earliest(heads: readonly Head[]): { item: LogItem; index: number } | undefined {
  let first: { item: LogItem; index: number } | undefined;
  for (const [index, item] of heads.entries()) {
    if (item === undefined || item === budgetSpent) continue;
    if (!first || compareTimestamps(item.at, first.item.at) < 0) first = { item, index };
  }
  return first;
}
