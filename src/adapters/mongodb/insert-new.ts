import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import { isDuplicate } from './documents.ts';

/** Inserts a record. Returns false, and changes nothing, when its id exists. */
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
