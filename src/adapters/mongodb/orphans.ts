import type { Collection, Db } from 'mongodb';
import type { OrphanStore } from '../../model/ports/orphans.ts';
import { upsert } from './upsert.ts';

interface OrphansDocument {
  _id: string;
  unmarked: string[];
  unremovable: string[];
}

const id = 'orphans';

/** Creates a store of one document: the janitor's last result. */
export function createOrphanStore(db: Db): OrphanStore {
  const collection: Collection<OrphansDocument> = db.collection('janitor');
  return {
    async get() {
      const stored = await collection.findOne({ _id: id });
      return { unmarked: stored?.unmarked ?? [], unremovable: stored?.unremovable ?? [] };
    },
    set: (found) => upsert(collection, id, { $set: found }),
  };
}
