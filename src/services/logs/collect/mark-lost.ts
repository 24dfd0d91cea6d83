import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogPosition } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { readStreamHead } from '../stream-head.ts';

/** Marks the rest of a container's log as lost, once also with concurrent followers. Returns the position behind it. */
export async function markLost(
  logs: LogStore,
  { streamId, startedAt = '', finishedAt = '' }: ContainerState,
): Promise<LogPosition> {
  for (;;) {
    const { n, seq, position } = await readStreamHead(logs, streamId);
    // A log with an answered exit or a verdict was read to its end before.
    if (position.lost || position.answeredExit !== undefined || position.verdict) return position;
    const from = position.maxAt || startedAt;
    const lost: LogPosition = { ...position, gapAfter: position.maxAt, lost: true };
    const gap = { from, to: finishedAt || from };
    const chunk = { _id: `${streamId}/${n}`, stream: streamId, n, firstSeq: seq, lines: [], gap, position: lost };
    if (await logs.insert(chunk)) return lost;
  }
}
