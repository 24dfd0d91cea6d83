import type { LogChunk, LogStream } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** Ordinals of the begin and the end of a step among all steps, from its record; absent while not recorded. */
export type StepOrdinals = Awaited<ReturnType<LogStore['stepOrdinals']>>;

/** Returns true when the step has begun by the end of the chunk, or when the chunk does not exist. */
function isReached(chunk: LogChunk | undefined, step: string, ordinals: StepOrdinals): boolean {
  if (!chunk) return true;
  const { steps = [], begun } = chunk.position;
  // Chunks of releases without counters list all steps.
  if (begun !== undefined && ordinals.begun !== undefined) return begun > ordinals.begun;
  return steps.some(({ instance }) => instance === step);
}

/**
 * Returns the number of the first chunk from `from` on that can have lines of the step, or else of the next chunk. Reads few
 * chunks by an exponential and a binary search, as positions only gain steps.
 */
export async function findStep(logs: LogStore, stream: LogStream, step: string, from: number): Promise<number> {
  let ordinals = await logs.stepOrdinals(stream, step);
  for (;;) {
    const n = await firstReached(logs, stream.id, from, (chunk) => isReached(chunk, step, ordinals));
    if (ordinals.begun !== undefined) return n;
    // Chunks list a step only until it is in the record.
    const now = await logs.stepOrdinals(stream, step);
    if (now.begun === undefined) return n;
    ordinals = now;
  }
}

async function firstReached(
  logs: LogStore,
  stream: string,
  from: number,
  hasReached: (chunk: LogChunk | undefined) => boolean,
): Promise<number> {
  const reached = async (n: number): Promise<boolean> => hasReached((await logs.read(stream, n, 1))[0]);
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

/** Returns true when no later chunk has lines of the step: a step that succeeded, failed or was skipped never runs again. */
export function isStepOver({ position }: LogChunk, step: string, ordinals: StepOrdinals): boolean {
  if (position.over !== undefined && ordinals.over !== undefined) return position.over > ordinals.over;
  const state = position.steps?.find(({ instance }) => instance === step)?.state;
  return state === 'success' || state === 'error' || state === 'skipped';
}
