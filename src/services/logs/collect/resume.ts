import type { LogLine } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { compareStamps, secondBefore } from '../stamps.ts';
import { readTip, type Tip } from '../tip.ts';

/** Chunks that are read at once. */
const block = 8;

/** Where the copying of a stream goes on. */
export interface Resumption extends Tip {
  /** The engine is asked for lines from here on; of an empty stream for all. */
  since?: string;
  /** The stored lines with a stamp ≥ `since`, in order: what the engine will repeat before it tells anything new. */
  known: AsyncIterable<LogLine>;
}

/**
 * Reads from the store where to go on. `since` is a second or two before the newest stamp: engines' stamps are not
 * monotonic, and some engines know whole seconds only.
 */
export async function resume(logs: LogStore, streamId: string): Promise<Resumption> {
  const tip = await readTip(logs, streamId);
  const { last, position } = tip;
  if (!last || position.maxAt === '') return { ...tip, known: nothing() };
  // After the clock was set back, the last line tells better than the newest stamp what comes next.
  const end = last.lines.findLast(isOfEngine)?.at ?? position.maxAt;
  const since = secondBefore(compareStamps(end, position.maxAt) < 0 ? end : position.maxAt);
  const first = await firstChunk(logs, streamId, last.n, since);
  return { ...tip, since, known: linesSince(logs, streamId, first, last.n, since) };
}

/** Number of the chunk after the last one whose lines, and those of all before it, are earlier than `since`. */
async function firstChunk(logs: LogStore, streamId: string, last: number, since: string): Promise<number> {
  for (let end = last; end > 0; end -= block) {
    const chunks = await logs.read(streamId, Math.max(0, end - block), Math.min(block, end));
    const earlier = chunks.findLast(({ position }) => compareStamps(position.maxAt, since) < 0);
    if (earlier) return earlier.n + 1;
  }
  return 0;
}

async function* linesSince(
  logs: LogStore,
  streamId: string,
  first: number,
  last: number,
  since: string,
): AsyncGenerator<LogLine> {
  for (let from = first; from <= last; from += block) {
    for (const chunk of await logs.read(streamId, from, Math.min(block, last - from + 1))) {
      for (const line of chunk.lines) if (isOfEngine(line) && compareStamps(line.at, since) >= 0) yield line;
    }
  }
}

async function* nothing(): AsyncGenerator<LogLine> {}

/** Notes are BrightBird's own: the engine does not know them. */
function isOfEngine({ kind }: LogLine): boolean {
  return kind !== 'note';
}
