import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { upsert } from './upsert.ts';

interface InstallationDocument {
  _id: string;
  mark: string;
}

/**
 * Returns the mark of this installation: 16 hex characters, created once per database, even by concurrent programs. All
 * objects of its tasks have it, so that several installations can share an engine or a namespace.
 */
export async function ensureInstallationMark(db: Db): Promise<string> {
  const collection = db.collection<InstallationDocument>('installation');
  await upsert(collection, 'installation', { $setOnInsert: { mark: randomBytes(8).toString('hex') } });
  const stored = await collection.findOne({ _id: 'installation' });
  if (!stored) throw new Error('the mark of the installation was removed while it was being created');
  return stored.mark;
}
