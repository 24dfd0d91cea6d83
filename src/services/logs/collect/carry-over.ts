import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import type { RunIdentity } from '../../../model/run.ts';
import { forgetKey } from '../../runs/marker-reader.ts';
import { emptyTip, readTip } from '../tip.ts';

/**
 * Begins the log of a container that a cluster has started in the place of a crashed runner with what is known from the one
 * before: its steps, and how often it was started. When more containers have come and gone than anybody has seen, what they
 * printed is a gap. Whoever does it first has done it for all.
 */
export async function carryOver(logs: LogStore, run: RunIdentity, life: ContainerState): Promise<void> {
  const { streamId, restarts = 0, startedAt = '' } = life;
  if (restarts === 0 || (await readTip(logs, streamId)).n > 0) return;
  const [pod] = streamId.split('/');
  const streams = await logs.streams(run.taskId);
  const before = streams.findLast(
    ({ id, source }) => source === life.source && id !== streamId && id.startsWith(`${pod}/`),
  );
  const { position } = before ? await readTip(logs, before.id) : emptyTip;
  const { answeredExit: _answered, lost: _lost, gapAfter: _gap, maxAt, ...known } = forgetKey(position);
  const unseen = known.restarts < restarts;
  await logs.insert({
    _id: `${streamId}/0`,
    stream: streamId,
    n: 0,
    firstSeq: 1,
    lines: [],
    ...(unseen && { gap: { from: maxAt || startedAt, to: startedAt } }),
    position: { ...known, maxAt: '', restarts, ...(unseen && { gapAfter: '' }) },
  });
}
