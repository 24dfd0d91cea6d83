import type { Db } from 'mongodb';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { SiteGlobals } from '../../model/site-globals.ts';
import { insertNew } from './insert-new.ts';

/** Stored site globals, as pairs: their names may have dots and dollars, which field names must not have. */
interface SiteGlobalsDocument extends Omit<SiteGlobals, 'globalProperties'> {
  _id: string;
  globalProperties: [string, string | number | boolean][];
}

const id = 'globals';

export function createSiteGlobalStore(db: Db): SiteGlobalStore {
  const collection = db.collection<SiteGlobalsDocument>('site');
  return {
    async get() {
      const stored = await collection.findOne({ _id: id });
      if (!stored) return { revision: 0, globalProperties: {} };
      const { _id, globalProperties, ...rest } = stored;
      return { ...rest, globalProperties: Object.fromEntries(globalProperties) };
    },
    async replace(before, { globalProperties, ...rest }) {
      const fields = { ...rest, globalProperties: Object.entries(globalProperties) };
      if (before.revision > 0) {
        return (await collection.replaceOne({ _id: id, revision: before.revision }, fields)).matchedCount === 1;
      }
      return insertNew(collection, { _id: id, ...fields });
    },
  };
}
