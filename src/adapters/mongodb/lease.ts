import type { Collection, Db } from 'mongodb';
import type { Lease } from '../../model/ports/lease.ts';
import { insertNew } from './insert-new.ts';

interface LeaseDocument {
  _id: string;
  holder: string;
  until: Date;
}

/**
 * Creates a lease, which one program at a time holds until it releases it or it expires. Times are the programs' own:
 * clocks that differ by more than the lease's length may allow two holders.
 */
export function createLease(db: Db, name: string): Lease {
  const leases: Collection<LeaseDocument> = db.collection('leases');
  return {
    async lease(holder, ttlMs) {
      const now = new Date();
      const until = new Date(now.getTime() + ttlMs);
      const free = { _id: name, $or: [{ holder }, { until: { $lte: now } }] };
      if ((await leases.updateOne(free, { $set: { holder, until } })).matchedCount === 1) return true;
      return insertNew(leases, { _id: name, holder, until });
    },
    async release(holder) {
      await leases.deleteOne({ _id: name, holder });
    },
  };
}
