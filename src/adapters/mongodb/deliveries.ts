import type { Collection, Db, Filter } from 'mongodb';
import type { Delivery } from '../../model/delivery.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { repositoryName } from '../../model/repository-name.ts';
import type { DeliveryDocument, WaitingDocument } from './delivery-document.ts';
import { createPayloadStore } from './delivery-payloads.ts';
import { createDeliveryInsert } from './insert-delivery.ts';
import { createLease } from './lease.ts';
import { findPage } from './paging.ts';

export function createDeliveryStore(db: Db): DeliveryStore {
  const deliveries: Collection<DeliveryDocument> = db.collection('deliveries', { ignoreUndefined: true });
  const queue: Collection<WaitingDocument> = db.collection('waitingDeliveries');
  const insert = createDeliveryInsert(db, deliveries, queue);
  const payloads = createPayloadStore(db);
  return {
    ...createLease(db, 'dispatcher'),
    ...payloads,
    insert,
    async get(id) {
      const stored = await deliveries.findOne({ _id: id });
      return stored ? toDelivery(stored) : undefined;
    },
    async list({ state, repo, since, before }, request) {
      const wanted: Filter<DeliveryDocument> = {
        ...(state !== undefined && { state }),
        ...(repo !== undefined && { repoName: repositoryName(repo) }),
        ...((since ?? before) && { createdAt: { ...(since && { $gte: since }), ...(before && { $lt: before }) } }),
      };
      const { items, ...more } = await findPage(deliveries, wanted, request);
      return { items: items.map(toDelivery), ...more };
    },
    async delete(ids) {
      if (ids.length === 0) return;
      // The record is deleted last, as payloads are found by it.
      await payloads.delete(ids);
      await deliveries.deleteMany({ _id: { $in: [...ids] } });
    },
    async waiting(limit) {
      for (;;) {
        const entries = await queue.find().sort({ seq: 1 }).limit(limit).toArray();
        const ids = entries.map(({ _id }) => _id);
        const found = await deliveries.find({ _id: { $in: ids }, state: 'received' }).toArray();
        const open = new Set(found.map(({ _id }) => _id));
        // A redelivery, or a crash between two writes, may leave the entry of a finished delivery.
        const stale = ids.filter((id) => !open.has(id));
        if (stale.length > 0) await queue.deleteMany({ _id: { $in: stale } });
        if (found.length > 0 || ids.length === 0)
          return found.map(toDelivery).sort((one, other) => one.seq - other.seq);
      }
    },
    async finish(id, { state, matches, error }) {
      const done = state === 'dispatched' ? { dispatchedAt: new Date() } : {};
      await deliveries.updateOne(
        { _id: id },
        { $set: { state, matches, ...(error !== undefined && { error }), ...done } },
      );
      await queue.deleteOne({ _id: id });
    },
    async fail(id, error) {
      await deliveries.updateOne({ _id: id }, { $set: { error }, $inc: { failures: 1 } });
    },
    async decide(id, jobId, decision) {
      // The decision on a trigger repeated after a crash must not replace that of the first one.
      const open = { _id: id, [`decisions.${jobId}.taskId`]: { $exists: false } };
      await deliveries.updateOne(open, { $set: { [`decisions.${jobId}`]: decision } });
    },
  };
}

function toDelivery({ _id, decisions, repoName: _repo, createdAt: _at, ...stored }: DeliveryDocument): Delivery {
  const matches = stored.matches.map((match) => ({ ...match, ...decisions[match.jobId] }));
  return { id: _id, ...stored, matches };
}
