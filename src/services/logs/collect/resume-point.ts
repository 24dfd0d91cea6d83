import type { LogLine } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { readStreamHead, type StreamHead } from '../stream-head.ts';
import { compareTimestamps, secondBefore } from '../timestamps.ts';

/** Chunks per read. */
const chunksPerRead = 8;

/** Point from which the copying of a stream resumes. */
export interface ResumePoint extends StreamHead {
  /** Timestamp of the first lines to request from the engine; undefined for all lines. */
  since?: string;
  /** Stored lines with a timestamp ≥ `since`, in order, which the engine repeats before new ones. */
  known: AsyncIterable<LogLine>;
}

/**
 * Reads the resume point of a stream from the store. `since` is a second or two before the newest timestamp, as engines'
 * timestamps are not monotonic, and some engines support whole seconds only.
 */
export async function readResumePoint(logs: LogStore, streamId: string): Promise<ResumePoint> {
  const head = await readStreamHead(logs, streamId);
  const { last, position } = head;
  if (!last || position.maxAt === '') return { ...head, known: noLines() };
  // After the clock was set back, the last line is a better estimate than the newest timestamp.
  const end = last.lines.findLast(isOfEngine)?.at ?? position.maxAt;
  const since = secondBefore(compareTimestamps(end, position.maxAt) < 0 ? end : position.maxAt);
  const first = await firstChunk(logs, streamId, last.n, since);
  return { ...head, since, known: linesSince(logs, streamId, first, last.n, since) };
}

/** Returns the number of the first chunk that can have lines since `since`. */
async function firstChunk(logs: LogStore, streamId: string, last: number, since: string): Promise<number> {
  for (let end = last; end > 0; end -= chunksPerRead) {
    const chunks = await logs.read(streamId, Math.max(0, end - chunksPerRead), Math.min(chunksPerRead, end));
    const earlier = chunks.findLast(({ position }) => compareTimestamps(position.maxAt, since) < 0);
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
  for (let from = first; from <= last; from += chunksPerRead) {
    for (const chunk of await logs.read(streamId, from, Math.min(chunksPerRead, last - from + 1))) {
      for (const line of chunk.lines) if (isOfEngine(line) && compareTimestamps(line.at, since) >= 0) yield line;
    }
  }
}

async function* noLines(): AsyncGenerator<LogLine> {}

/** Returns false for notes, which BrightBird itself has added. */
function isOfEngine({ kind }: LogLine): boolean {
  return kind !== 'note';
}
