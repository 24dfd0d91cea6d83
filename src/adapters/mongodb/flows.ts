import type { Collection, Filter } from 'mongodb';
import type { FlowRevision, TestFlow } from '../../model/flow.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import { codec, isDuplicate, type Stored } from './documents.ts';
import { page } from './paging.ts';
import { uniquelyNamed } from './unique-name.ts';

type TextField = 'globalProperties';
export type FlowDocument = Stored<TestFlow, TextField>;
type RevisionRecord = FlowRevision & { id: string };
export type RevisionDocument = Stored<RevisionRecord, TextField>;

const flows = codec<TestFlow, TextField>(['globalProperties']);
const kept = codec<RevisionRecord, TextField>(['globalProperties']);
const named = uniquelyNamed('test flow');

/**
 * Flows, each with its newest revision inside. A revision is kept apart before the next one takes its place, so that a
 * crash between the two writes leaves nothing that is wrong.
 */
export function createFlowStore(
  collection: Collection<FlowDocument>,
  revisions: Collection<RevisionDocument>,
): FlowStore {
  const get = async (id: string): Promise<TestFlow | undefined> => {
    const stored = await collection.findOne({ _id: id });
    return stored ? flows.fromStored(stored) : undefined;
  };
  const keep = async (flow: TestFlow): Promise<void> => {
    const record = { id: `${flow.id}@${flow.revision}`, ...revisionOf(flow) };
    await revisions.insertOne(kept.toStored(record)).catch((error: unknown) => {
      // A revision never changes: what is there already is the same.
      if (!isDuplicate(error)) throw error;
    });
  };
  return {
    get,
    async insert(flow) {
      await named(flow.name, collection.insertOne(flows.toStored(flow)));
    },
    async list({ groupId, name }, request) {
      const wanted: Filter<FlowDocument> = {
        ...(groupId !== undefined && { groupId }),
        ...(name !== undefined && { name: { $regex: literally(name), $options: 'i' } }),
      };
      const { items, ...more } = await page(collection, wanted, request, ['graph']);
      return { items: items.map(flows.fromStored), ...more };
    },
    async countByGroup(groupIds) {
      const counts = await collection
        .aggregate<{ _id: string; count: number }>([
          { $match: { groupId: { $in: [...groupIds] } } },
          { $group: { _id: '$groupId', count: { $sum: 1 } } },
        ])
        .toArray();
      return new Map(counts.map(({ _id, count }) => [_id, count]));
    },
    async replace(before, next) {
      await keep(before);
      const { _id, ...fields } = flows.toStored(next);
      const at = { _id, revision: before.revision };
      return (await named(next.name, collection.replaceOne(at, fields))).matchedCount === 1;
    },
    async delete(flow, keepThese) {
      await keep(flow);
      const { deletedCount } = await collection.deleteOne({ _id: flow.id, revision: flow.revision });
      if (deletedCount === 0) return false;
      await revisions.deleteMany({ testFlowId: flow.id, revision: { $nin: [...keepThese] } });
      return true;
    },
    async forget(id) {
      if (!(await get(id))) await revisions.deleteMany({ testFlowId: id });
    },
    async revision(id, revision) {
      // The flow first: a revision that it does not hold any more was kept before.
      const flow = await get(id);
      if (flow?.revision === revision) return revisionOf(flow);
      const stored = await revisions.findOne({ _id: `${id}@${revision}` });
      return stored ? toRevision(stored) : undefined;
    },
    async revisions(id) {
      const flow = await get(id);
      const older = await revisions.find({ testFlowId: id }).project<RevisionDocument>({ graph: 0 }).toArray();
      const byNumber = new Map(older.map((stored) => [stored.revision, toRevision(stored)]));
      if (flow) byNumber.set(flow.revision, revisionOf(flow));
      return [...byNumber.values()]
        .sort((one, other) => other.revision - one.revision)
        .map(({ graph: _graph, ...summary }) => summary);
    },
  };
}

function revisionOf(flow: TestFlow): FlowRevision {
  const { id: testFlowId, revision, name, graph, globalProperties, description, updatedBy: by, updatedAt: at } = flow;
  return { testFlowId, revision, name, graph, globalProperties, description, ...(by !== undefined && { by }), at };
}

function toRevision(stored: RevisionDocument): FlowRevision {
  const { id: _id, ...revision } = kept.fromStored(stored);
  return revision;
}

/** The text as a regular expression that matches only it. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
