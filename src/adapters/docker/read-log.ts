import { setTimeout as pause } from 'node:timers/promises';
import { type Frame, LineJoiner } from '../../model/engine/lines.ts';
import { LogCut } from '../../model/engine/log-cut.ts';
import type { RawLine } from '../../model/engine/runtime.ts';
import { type Engine, patiently } from './engine.ts';
import { engineFault, isGone, isUnreachable } from './engine-errors.ts';
import { frames } from './frames.ts';
import { isComplete } from './is-complete.ts';
import { LogPlace } from './log-place.ts';
import { type LogQuery, openLog } from './open-log.ts';

/** Broken connections in a row, without a frame between them, before the engine counts as away. */
const mostBreaks = 8;

/**
 * See Runtime.readLog. A stream that breaks, or ends before the container, is asked for again from where it ended. A line
 * without a newline is given out when the next one shows that it has ended, or at the end of the log.
 */
export async function* readLog(
  engine: Engine,
  query: Omit<LogQuery, 'tail'>,
  signal: AbortSignal,
): AsyncIterable<RawLine[]> {
  const { docker, log } = engine;
  const { containerId, follow } = query;
  const doing = `reading the log of container ${containerId.slice(0, 12)}`;
  const joiner = new LineJoiner();
  const place = new LogPlace(query.since);
  const oldest = (): string | undefined => joiner.oldest;
  let breaks = 0;
  let last: Frame | undefined;
  try {
    for (let complete = false; !complete; ) {
      const start = place.rest(joiner.oldest);
      const before = place.total;
      const again = { ...query, since: start.since };
      const stream = await patiently(engine, doing, signal, () => openLog(docker, again, signal));
      try {
        let known = start.skip;
        for await (const batch of frames(stream)) {
          const lines: RawLine[] = [];
          // A log that rotates may have lost some of the frames that would be left out.
          if (known > 0 && known <= batch.length && !isSame(batch[known - 1], last)) throw new LogCut(doing);
          if (batch.length > known) last = batch.at(-1);
          for (const frame of batch.slice(known)) {
            joiner.push(frame, lines);
            place.add(frame.at, oldest);
          }
          known = Math.max(0, known - batch.length);
          if (lines.length > 0) yield lines;
        }
        if (known > 0) throw new LogCut(doing);
        const { since, skip } = place.rest(joiner.oldest);
        complete = !follow || (await isComplete(docker, { containerId, since }, skip, signal));
        const rest = complete ? joiner.end() : [];
        if (rest.length > 0) yield rest;
        if (complete) yield [];
        // The container runs, yet the engine has ended the stream: not again and again without a pause.
        if (!complete && place.total === before) await pause(50, undefined, { signal });
      } catch (error) {
        breaks = place.total === before ? breaks + 1 : 0;
        if (signal.aborted || !isUnreachable(error) || breaks > mostBreaks) throw error;
        log.warn({ err: error, container: containerId }, 'the log of a container broke off');
        await pause(50 * 2 ** breaks, undefined, { signal });
      } finally {
        stream.destroy();
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    // Gone, so there are no lines, or no more of them.
    if (!isGone(error)) throw engineFault(error, doing);
  }
  const rest = joiner.end();
  if (rest.length > 0) yield rest;
}

function isSame(frame: Frame | undefined, last: Frame | undefined): boolean {
  return frame?.at === last?.at && frame?.kind === last?.kind;
}
