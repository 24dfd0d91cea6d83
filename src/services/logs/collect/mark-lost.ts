import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogPosition } from '../../../model/log.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import { readTip } from '../tip.ts';

/** Marks the rest of a container's log as lost, once whoever finds it; answers with the position behind it. */
export async function markLost(
  logs: LogStore,
  { streamId, startedAt = '', finishedAt = '' }: ContainerState,
): Promise<LogPosition> {
  for (;;) {
    const { n, seq, position } = await readTip(logs, streamId);
    // A log whose end was answered, or that has its verdict, was read to its end before.
    if (position.lost || position.answeredExit !== undefined || position.verdict) return position;
    const from = position.maxAt || startedAt;
    const lost: LogPosition = { ...position, gapAfter: position.maxAt, lost: true };
    const gap = { from, to: finishedAt || from };
    const chunk = { _id: `${streamId}/${n}`, stream: streamId, n, firstSeq: seq, lines: [], gap, position: lost };
    if (await logs.insert(chunk)) return lost;
  }
}
