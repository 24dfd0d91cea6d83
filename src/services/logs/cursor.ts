import { z } from 'zod';
import { Fault } from '../../model/fault.ts';

/** Position of a reader in a stream: number of the next chunk, and number of its lines that were read. */
export type StreamCursor = readonly [n: number, line: number];

const count = z.number().int().nonnegative();
const cursorSchema = z.array(z.tuple([count, count])).max(10_000);

/** Encodes the cursors of all streams of a task, in the order in which the streams were opened, as base64url. */
export function encodeCursors(cursors: readonly StreamCursor[]): string {
  return Buffer.from(JSON.stringify(cursors)).toString('base64url');
}

/** Decodes the result of `encodeCursors`. Throws `invalid_request` for any other text. */
export function decodeCursors(cursor: string): StreamCursor[] {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new Fault('invalid_request', 'invalid log cursor', {
      where: { path: 'after' },
      hint: 'pass nextCursor of the previous page, or the id of the last event, unchanged',
      cause,
    });
  }
}
