import { type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { repositoryName } from '../../model/repository-name.ts';
import { batchWrites } from './batch-writes.ts';
import type { DeliveryDocument, WaitingDocument } from './delivery-document.ts';
import { isDuplicate } from './documents.ts';
import { isCutOff } from './failures.ts';
import { createSequence } from './sequence.ts';
import { upsert } from './upsert.ts';

type NewDelivery = Parameters<DeliveryStore['insert']>[0];

/**
 * Creates the function that records deliveries: first the record, then its entry in the queue. Concurrent deliveries
 * are written as a batch, so that a later one is never visible in the queue before an earlier one of the same program.
 */
export function createDeliveryInsert(
  db: Db,
  deliveries: Collection<DeliveryDocument>,
  queue: Collection<WaitingDocument>,
): DeliveryStore['insert'] {
  const sequence = createSequence(db, 'deliveries');
  const write = batchWrites(async (items: readonly NewDelivery[]) => {
    const first = await sequence.take(items.length);
    const documents = items.map((item, index) => toDocument(item, first + index));
    const refused = await insertNew(deliveries, documents);
    const added = documents.filter(({ state }, index) => state === 'received' && !refused.has(index));
    await enqueue(queue, added);
    return documents.map((_, index) => !refused.has(index));
  });
  /** Tells whether the delivery is recorded, and adds its queue entry if a crash has prevented that. */
  const isRecorded = async (id: string): Promise<boolean> => {
    const stored = await deliveries.findOne({ _id: id }, { projection: { state: 1, seq: 1 } });
    if (stored?.state === 'received') await upsert(queue, id, { $set: { seq: stored.seq } });
    return stored !== null;
  };
  return async (delivery) => {
    if (await isRecorded(delivery.id)) return false;
    if (await write(delivery)) return true;
    await isRecorded(delivery.id);
    return false;
  };
}

function toDocument({ id, ...rest }: NewDelivery, seq: number): DeliveryDocument {
  const repoName = rest.repo === undefined ? undefined : repositoryName(rest.repo);
  return { _id: id, ...rest, seq, decisions: {}, repoName, createdAt: rest.receivedAt };
}

/** Inserts the new deliveries. Returns the indexes of those already recorded. */
async function insertNew(
  deliveries: Collection<DeliveryDocument>,
  documents: readonly DeliveryDocument[],
): Promise<Set<number>> {
  try {
    await deliveries.insertMany(documents, { ordered: false });
    return new Set();
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || isCutOff(error)) throw error;
    const failures = [error.writeErrors].flat();
    if (failures.some(({ code }) => code !== 11000)) throw error;
    return new Set(failures.map(({ index }) => index));
  }
}

async function enqueue(queue: Collection<WaitingDocument>, added: readonly DeliveryDocument[]): Promise<void> {
  if (added.length === 0) return;
  try {
    await queue.insertMany(added.map(({ _id, seq }) => ({ _id, seq })));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // A redelivery has added one of them, and those after it are missing.
    for (const { _id, seq } of added) await upsert(queue, _id, { $set: { seq } });
  }
}
