import type { ContainerState } from '../../../model/engine/runtime.ts';
import type { LogStore } from '../../../model/ports/logs.ts';
import type { RunIdentity } from '../../../model/run.ts';
import { forgetKey } from '../../runs/marker-reader.ts';
import { emptyStreamHead, readStreamHead } from '../stream-head.ts';

/**
 * Begins the log of a container that a cluster has started in place of a crashed runner with the state of the previous one:
 * its steps and its number of restarts. Output of containers that were never observed becomes a gap. Does nothing if another
 * follower has done it.
 */
export async function carryOver(logs: LogStore, run: RunIdentity, container: ContainerState): Promise<void> {
  const { streamId, restarts = 0, startedAt = '' } = container;
  if (restarts === 0 || (await readStreamHead(logs, streamId)).n > 0) return;
  const [pod] = streamId.split('/');
  const streams = await logs.streams(run.taskId);
  const before = streams.findLast(
    ({ id, source }) => source === container.source && id !== streamId && id.startsWith(`${pod}/`),
  );
  const { position } = before ? await readStreamHead(logs, before.id) : emptyStreamHead;
  const { answeredExit: _answered, lost: _lost, gapAfter: _gap, maxAt, ...known } = forgetKey(position);
  const hasUnseen = known.restarts < restarts;
  await logs.insert({
    _id: `${streamId}/0`,
    stream: streamId,
    n: 0,
    firstSeq: 1,
    lines: [],
    ...(hasUnseen && { gap: { from: maxAt || startedAt, to: startedAt } }),
    position: { ...known, maxAt: '', restarts, ...(hasUnseen && { gapAfter: '' }) },
  });
}
