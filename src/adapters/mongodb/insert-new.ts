import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import { isDuplicate } from './documents.ts';

/** Inserts a record. False when there is one with its id: that one stays as it is. */
export async function insertNew<T extends Document>(
  collection: Collection<T>,
  record: OptionalUnlessRequiredId<T>,
): Promise<boolean> {
  try {
    await collection.insertOne(record);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
