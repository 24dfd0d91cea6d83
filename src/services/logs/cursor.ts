import { z } from 'zod';
import { Fault } from '../../model/fault.ts';

/** How far a stream was read: the chunk that comes next, and how many of its lines were read. */
export type Place = readonly [n: number, line: number];

const count = z.number().int().nonnegative();
const cursorSchema = z.array(z.tuple([count, count])).max(10_000);

/** The places in all streams of a task, in the order in which these were opened, as a short text that is fit for URLs. */
export function writeCursor(places: readonly Place[]): string {
  return Buffer.from(JSON.stringify(places)).toString('base64url');
}

/** Throws `invalid_request` for a text that no `writeCursor` made. */
export function readCursor(cursor: string): Place[] {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new Fault('invalid_request', 'the place in the log is not one that this API gave', {
      where: { path: 'after' },
      hint: 'pass nextCursor of the page before, or the id of the last event, unchanged',
      cause,
    });
  }
}
