import type { Collection, UpdateFilter } from 'mongodb';
import { isDuplicate } from './documents.ts';

/** Updates or creates a record. When two calls create it at once, MongoDB refuses one, which then updates it. */
export async function upsert<T extends { _id: string }>(
  collection: Collection<T>,
  id: string,
  update: UpdateFilter<T>,
): Promise<void> {
  // The driver's type for a generic `_id` cannot be satisfied by a value.
  const filter = { _id: id } as Parameters<typeof collection.updateOne>[0];
  try {
    await collection.updateOne(filter, update, { upsert: true });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await collection.updateOne(filter, update, { upsert: true });
  }
}
