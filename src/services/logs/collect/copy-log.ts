import { LogLostError, LogTruncatedError } from '../../../model/engine/log-errors.ts';
import type { ContainerState, RawLine } from '../../../model/engine/runtime.ts';
import type { LogPosition } from '../../../model/log.ts';
import type { Mask } from '../../../model/mask.ts';
import type { RunIdentity } from '../../../model/run.ts';
import type { SuperviseRunPorts } from '../../runs/ports.ts';
import { LogWriter, StreamConflictError } from '../writer.ts';
import type { CollectedLine } from './collected-line.ts';
import { GapDetector } from './gap-detector.ts';
import { markLost } from './mark-lost.ts';
import { type ResumePoint, readResumePoint } from './resume-point.ts';

/** Passes one line to the writer, with its context. */
export type LineHandler = (line: CollectedLine, writer: LogWriter) => void | Promise<void>;

export interface CopyLogOptions {
  run: RunIdentity;
  container: ContainerState;
  /** True to follow to the container's end, false to end with the current lines. */
  follow: boolean;
  /** Called whenever copying begins, with the stored position. */
  begin(position: LogPosition): LineHandler | Promise<LineHandler>;
  /** Splits a line of the engine into its parts; by default, each line is one part. */
  split?(line: RawLine): CollectedLine[];
}

/**
 * Copies a container's log from the engine to the store, beginning after the stored lines. Stores each line once, also with
 * concurrent writers. Returns the position at the end; when aborted, the position after the lines read so far.
 */
export async function copyLog(
  ports: SuperviseRunPorts,
  copy: CopyLogOptions,
  signal: AbortSignal,
): Promise<LogPosition> {
  const { run, container } = copy;
  const id = container.streamId;
  const { source, name: pod } = container;
  await ports.logs.open({ id, taskId: run.taskId, attempt: run.attempt, source, pod });
  for (;;) {
    const from = await readResumePoint(ports.logs, id);
    const writer = new LogWriter(ports.logs, id, from, run.attempt > 1 ? run.attempt : undefined);
    const [read] = await Promise.allSettled([copyLines(ports, copy, from, writer, signal)]);
    try {
      const position = await writer.close();
      if (read.status === 'rejected') throw read.reason;
      return position;
    } catch (error) {
      if (error instanceof LogLostError) return markLost(ports.logs, container);
      // The rest of a truncated log is stored after a gap.
      if (!(error instanceof StreamConflictError || error instanceof LogTruncatedError)) throw error;
      ports.log.info({ taskId: run.taskId, source, reason: error.message }, 'restarting log collection');
      if (signal.aborted) return from.position;
    }
  }
}

async function copyLines(
  { runtime, mask }: SuperviseRunPorts,
  { container, follow, begin, split = (line) => [line] }: CopyLogOptions,
  from: ResumePoint,
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

/** Masks a line. Returns the line itself, not a copy, if it has no secret, like nearly every line. */
function masked(line: CollectedLine, mask: Mask): CollectedLine {
  const text = mask(line.text);
  return text === line.text ? line : { ...line, text };
}
