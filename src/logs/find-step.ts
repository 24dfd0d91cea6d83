import type { LogChunk, LogStore } from '../model/log.ts';

/** True when the stream has come to the step by the end of the chunk; also of a chunk that does not exist. */
function isReached(chunk: LogChunk | undefined, step: string): boolean {
  return !chunk || (chunk.position.steps ?? []).some(({ instance }) => instance === step);
}

/**
 * Number of the first chunk from `from` on that can have lines of the step; if there is none, of the chunk that comes next.
 * Looks at few chunks: positions only ever gain steps.
 */
export async function findStep(logs: LogStore, stream: string, step: string, from: number): Promise<number> {
  const reached = async (n: number): Promise<boolean> => isReached((await logs.read(stream, n, 1))[0], step);
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
export function isStepOver({ position }: LogChunk, step: string): boolean {
  const state = position.steps?.find(({ instance }) => instance === step)?.state;
  return state === 'success' || state === 'error' || state === 'skipped';
}
