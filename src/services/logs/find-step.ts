import type { LogChunk, LogStream } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** Where the log has a step, as its record says: empty of one that it does not tell of yet. */
export type StepPlace = Awaited<ReturnType<LogStore['stepPlace']>>;

/** True when the stream has come to the step by the end of the chunk; also of a chunk that does not exist. */
function isReached(chunk: LogChunk | undefined, step: string, place: StepPlace): boolean {
  if (!chunk) return true;
  const { steps = [], begun } = chunk.position;
  // Chunks of releases that have not counted have all steps.
  if (begun !== undefined && place.begun !== undefined) return begun > place.begun;
  return steps.some(({ instance }) => instance === step);
}

/**
 * Number of the first chunk from `from` on that can have lines of the step; if there is none, of the chunk that comes next.
 * Looks at few chunks: positions only ever gain steps.
 */
export async function findStep(logs: LogStore, stream: LogStream, step: string, from: number): Promise<number> {
  let place = await logs.stepPlace(stream, step);
  for (;;) {
    const n = await firstReached(logs, stream.id, from, (chunk) => isReached(chunk, step, place));
    if (place.begun !== undefined) return n;
    // Only once a step is in the record, chunks do not name it any more.
    const now = await logs.stepPlace(stream, step);
    if (now.begun === undefined) return n;
    place = now;
  }
}

async function firstReached(
  logs: LogStore,
  stream: string,
  from: number,
  isIt: (chunk: LogChunk | undefined) => boolean,
): Promise<number> {
  const reached = async (n: number): Promise<boolean> => isIt((await logs.read(stream, n, 1))[0]);
  if (await reached(from)) return from;
  let before = from;
  let ahead = 1;
  while (!(await reached(before + ahead))) {
    before += ahead;
    ahead *= 2;
  }
  let after = before + ahead;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (await reached(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** True when no later chunk has lines of the step: one that ended so is never run again, nor does a skipped one run. */
export function isStepOver({ position }: LogChunk, step: string, place: StepPlace): boolean {
  if (position.over !== undefined && place.over !== undefined) return position.over > place.over;
  const state = position.steps?.find(({ instance }) => instance === step)?.state;
  return state === 'success' || state === 'error' || state === 'skipped';
}
