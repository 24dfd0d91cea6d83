import type { Collection, Document, Filter } from 'mongodb';
import { z } from 'zod';
import { Fault } from '../../model/fault.ts';
import type { Page, PageRequest } from '../../model/ports/page.ts';

/** Schema of a page's last time and id; the time is within the range of a Date (ECMA-262, 21.4.1.1). */
const cursorSchema = z.tuple([z.int().min(-8.64e15).max(8.64e15), z.string().max(200)]);

/**
 * Returns a page of a collection, newest first by `createdAt` and then by id, without the fields `omit`. The cursor
 * names the last item of the previous page, so that added or removed items shift nothing. Throws invalid_request for an
 * invalid cursor.
 */
export async function findPage<T extends Document & { _id: string; createdAt: Date }>(
  collection: Collection<T>,
  filter: Filter<T>,
  { limit, cursor }: PageRequest,
  omit: readonly (keyof T & string)[] = [],
): Promise<Page<T>> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const rest = after && {
    $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after.id } }],
  };
  const found = await collection
    .find((rest ? { $and: [filter, rest] } : filter) as Filter<T>)
    .project<T>(Object.fromEntries(omit.map((field) => [field, 0])))
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last && { nextCursor: writeCursor(last) }) };
}

function writeCursor(item: { _id: string; createdAt: Date }): string {
  return Buffer.from(JSON.stringify([item.createdAt.getTime(), item._id])).toString('base64url');
}

function readCursor(cursor: string): { createdAt: Date; id: string } {
  try {
    const [createdAt, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { createdAt: new Date(createdAt), id };
  } catch (cause) {
    throw new Fault('invalid_request', 'invalid cursor', {
      where: { path: 'cursor' },
      hint: 'pass the nextCursor of the previous page, unchanged',
      cause,
    });
  }
}
