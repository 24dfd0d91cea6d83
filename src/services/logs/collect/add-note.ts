import type { LogPosition } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { readStreamHead } from '../stream-head.ts';

/** A line of BrightBird itself in a runner's log, and the position after it. */
export interface Note {
  at: string;
  text: string;
  position: LogPosition;
}

/**
 * Appends a note to a runner's log, where every follower of the run finds it. Calls `decide` with the newest position, and
 * again after a concurrent write; undefined adds nothing. Returns the newest position.
 */
export async function addNote(
  logs: LogStore,
  stream: string,
  decide: (position: LogPosition) => Note | undefined,
): Promise<LogPosition> {
  for (;;) {
    const { n, seq, position } = await readStreamHead(logs, stream);
    const note = decide(position);
    if (!note) return position;
    const { step } = position;
    const inserted = await logs.insert({
      _id: `${stream}/${n}`,
      stream,
      n,
      step,
      firstSeq: seq,
      lines: [{ at: note.at, kind: 'note', text: note.text }],
      position: note.position,
    });
    if (inserted) return note.position;
  }
}
