import type { LogChunk, LogPosition } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** The end of a stream: what its next chunk has to go on from. */
export interface Tip {
  /** Number of the next chunk. */
  n: number;
  /** Number of the next line. */
  seq: number;
  position: LogPosition;
  /** The newest chunk, if there is one. */
  last?: LogChunk;
}

/** The end of a stream that has no chunk yet; its `maxAt` is before every stamp. */
export const emptyTip: Tip = { n: 0, seq: 1, position: { maxAt: '', restarts: 0 } };

export async function readTip(logs: LogStore, streamId: string): Promise<Tip> {
  const last = await logs.last(streamId);
  if (!last) return emptyTip;
  const shown = last.lines.filter(({ kind }) => kind !== 'mark').length;
  return { n: last.n + 1, seq: last.firstSeq + shown, position: last.position, last };
}
