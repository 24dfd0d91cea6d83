import { setTimeout as pause } from 'node:timers/promises';
import { LineJoiner } from '../../model/engine/lines.ts';
import { LogTruncatedError } from '../../model/engine/log-errors.ts';
import type { RawLine } from '../../model/engine/runtime.ts';
import { type Engine, retryWhileUnreachable } from './engine.ts';
import { engineFault, isGone, isUnreachable } from './engine-errors.ts';
import { splitFrames } from './frames.ts';
import { isLogComplete } from './is-complete.ts';
import { type FrameKey, LogCursor } from './log-cursor.ts';
import { type LogQuery, openLog } from './open-log.ts';

/** Maximum number of consecutive broken connections, without a frame in between. */
const maxBreaks = 8;

/**
 * Implements Runtime.readLog. Resumes a stream that breaks, or that ends before the container. Returns a line without a
 * newline once the next line shows that it has ended, or at the end of the log.
 */
export async function* readLog(
  engine: Engine,
  query: Omit<LogQuery, 'tail'>,
  signal: AbortSignal,
): AsyncIterable<RawLine[]> {
  const { docker, log } = engine;
  const { containerId, follow } = query;
  const action = `reading the log of container ${containerId.slice(0, 12)}`;
  const joiner = new LineJoiner();
  const cursor = new LogCursor(query.since);
  const oldest = (): string | undefined => joiner.oldest;
  let breaks = 0;
  try {
    for (let complete = false; !complete; ) {
      const start = cursor.resumePoint(joiner.oldest);
      const before = cursor.totalFrames;
      const again = { ...query, since: start.since };
      const stream = await retryWhileUnreachable(engine, action, signal, () => openLog(docker, again, signal));
      try {
        let known = start.skip;
        for await (const batch of splitFrames(stream)) {
          const lines: RawLine[] = [];
          // A rotating log may have lost some of the frames to skip.
          if (known > 0 && known <= batch.length && !isSame(batch[known - 1], start.last))
            throw new LogTruncatedError(action);
          for (const frame of batch.slice(known)) {
            joiner.push(frame, lines);
            cursor.add(frame, oldest);
          }
          known = Math.max(0, known - batch.length);
          if (lines.length > 0) yield lines;
        }
        if (known > 0) throw new LogTruncatedError(action);
        const { since, skip } = cursor.resumePoint(joiner.oldest);
        complete = !follow || (await isLogComplete(docker, { containerId, since }, skip, signal));
        const rest = complete ? joiner.end() : [];
        if (rest.length > 0) yield rest;
        if (complete) yield [];
        // The engine has ended the stream of a running container: avoids a busy loop.
        if (!complete && cursor.totalFrames === before) await pause(50, undefined, { signal });
      } catch (error) {
        breaks = cursor.totalFrames === before ? breaks + 1 : 0;
        if (signal.aborted || !isUnreachable(error) || breaks > maxBreaks) throw error;
        log.warn({ err: error, containerId }, 'connection of a container log broke, resuming');
        await pause(50 * 2 ** breaks, undefined, { signal });
      } finally {
        stream.destroy();
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    // A removed container has no more lines.
    if (!isGone(error)) throw engineFault(error, action);
  }
  const rest = joiner.end();
  if (rest.length > 0) yield rest;
}

function isSame(frame: FrameKey | undefined, last: FrameKey | undefined): boolean {
  return frame?.at === last?.at && frame?.kind === last?.kind;
}
