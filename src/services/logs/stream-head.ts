import type { LogChunk, LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** State at the end of a stream, from which its next chunk continues. */
export interface StreamHead {
  /** Number of the next chunk. */
  n: number;
  /** Number of the next line. */
  seq: number;
  position: LogPosition;
  /** The newest chunk, if there is one. */
  last?: LogChunk;
}

/** Head of a stream without chunks; its `maxAt` is before every timestamp. */
export const emptyStreamHead: StreamHead = { n: 0, seq: 1, position: { maxAt: '', restarts: 0 } };

/** Reads the head of a stream. */
export async function readStreamHead(logs: LogStore, streamId: string): Promise<StreamHead> {
  const last = await logs.last(streamId);
  if (!last) return emptyStreamHead;
  const shown = last.lines.filter(({ kind }) => kind !== 'mark').length;
  return { n: last.n + 1, seq: last.firstSeq + shown, position: last.position, last };
}
