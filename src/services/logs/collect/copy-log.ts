import { LogCut, LogLost } from '../../../model/engine/log-cut.ts';
import type { ContainerState, RawLine } from '../../../model/engine/runtime.ts';
import type { LogPosition } from '../../../model/log.ts';
import type { Mask } from '../../../model/mask.ts';
import type { RunIdentity } from '../../../model/run.ts';
import type { FollowPorts } from '../../runs/ports.ts';
import { LogWriter, PositionMoved } from '../writer.ts';
import type { ReadLine } from './collected-line.ts';
import { GapDetector } from './gap-detector.ts';
import { markLost } from './mark-lost.ts';
import { type Resumption, resume } from './resume.ts';

/** Gives one line to the writer, with what it means. */
export type TakeLine = (line: ReadLine, writer: LogWriter) => void | Promise<void>;

export interface Copy {
  run: RunIdentity;
  container: ContainerState;
  /** To the container's end, or with what is there now. */
  follow: boolean;
  /** Called whenever copying begins, with what is known from the store. */
  begin(position: LogPosition): TakeLine | Promise<TakeLine>;
  /** Parts a line of the engine into those that it is made of; without it each is one. */
  split?(line: RawLine): ReadLine[];
}

/**
 * Copies a container's log from the engine to the store, from where the store ends, each line once whoever else does the
 * same. Answers with the position at the end, or when aborted, once what was read is stored.
 */
export async function copyLog(ports: FollowPorts, copy: Copy, signal: AbortSignal): Promise<LogPosition> {
  const { run, container } = copy;
  const id = container.streamId;
  const { source, name: pod } = container;
  await ports.logs.open({ id, taskId: run.taskId, attempt: run.attempt, source, pod });
  for (;;) {
    const from = await resume(ports.logs, id);
    const writer = new LogWriter(ports.logs, id, from, run.attempt > 1 ? run.attempt : undefined);
    const [read] = await Promise.allSettled([readOn(ports, copy, from, writer, signal)]);
    try {
      const position = await writer.close();
      if (read.status === 'rejected') throw read.reason;
      return position;
    } catch (error) {
      if (error instanceof LogLost) return markLost(ports.logs, container);
      // What is left of a log that was cut comes with a gap before it.
      if (!(error instanceof PositionMoved || error instanceof LogCut)) throw error;
      ports.log.info({ task: run.taskId, source: container.source, why: error.message }, 'going on with a log anew');
      if (signal.aborted) return from.position;
    }
  }
}

async function readOn(
  { runtime, mask }: FollowPorts,
  { container, follow, begin, split = (line) => [line] }: Copy,
  from: Resumption,
  writer: LogWriter,
  signal: AbortSignal,
): Promise<void> {
  const take = await begin(from.position);
  const gaps = new GapDetector(container, from);
  const reading = AbortSignal.any([signal, writer.failed]);
  for await (const batch of runtime.readLog(container, from.since, reading, { follow })) {
    const { lines, gap } = await gaps.join(batch.flatMap(split).map((line) => masked(line, mask)));
    if (gap) writer.addGap(gap);
    for (const line of lines) {
      const taken = take(line, writer);
      if (taken) await taken;
    }
    await writer.ready();
  }
}

/** The line itself, not a copy, when it holds nothing to hide: that is nearly every line. */
function masked(line: ReadLine, mask: Mask): ReadLine {
  const text = mask(line.text);
  return text === line.text ? line : { ...line, text };
}
