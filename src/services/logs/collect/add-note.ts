import type { LogPosition } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { readTip } from '../tip.ts';

/** What BrightBird has to say in a runner's log, and what everybody knows from then on. */
export interface Note {
  at: string;
  text: string;
  position: LogPosition;
}

/**
 * Adds a note to the end of a runner's log, where every follower of the run will find it. `decide` is asked for it with the
 * position of that end, again when somebody else was quicker, and says undefined when there is nothing to add. Answers with
 * the newest position.
 */
export async function addNote(
  logs: LogStore,
  stream: string,
  decide: (position: LogPosition) => Note | undefined,
): Promise<LogPosition> {
  for (;;) {
    const { n, seq, position } = await readTip(logs, stream);
    const note = decide(position);
    if (!note) return position;
    const { step } = position;
    const inserted = await logs.insert({
      _id: `${stream}/${n}`,
      stream,
      n,
      ...(step !== undefined && { step }),
      firstSeq: seq,
      lines: [{ at: note.at, kind: 'note', text: note.text }],
      position: note.position,
    });
    if (inserted) return note.position;
  }
}
