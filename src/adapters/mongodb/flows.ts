import type { Collection, Filter } from 'mongodb';
import type { FlowRevision, TestFlow } from '../../model/flow.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import { createCodec, isDuplicate, type Stored } from './documents.ts';
import { findPage } from './paging.ts';
import { createUniqueNameGuard } from './unique-name.ts';

type TextField = 'globalProperties';
export type FlowDocument = Stored<TestFlow, TextField>;
type RevisionRecord = FlowRevision & { id: string };
export type RevisionDocument = Stored<RevisionRecord, TextField>;

const flows = createCodec<TestFlow, TextField>(['globalProperties']);
const archived = createCodec<RevisionRecord, TextField>(['globalProperties']);
const guardName = createUniqueNameGuard('test flow');

/**
 * Creates a store of flows, each with its newest revision. A revision is archived before the next one replaces it, so
 * that a crash between the two writes loses nothing.
 */
export function createFlowStore(
  collection: Collection<FlowDocument>,
  revisions: Collection<RevisionDocument>,
): FlowStore {
  const get = async (id: string): Promise<TestFlow | undefined> => {
    const stored = await collection.findOne({ _id: id });
    return stored ? flows.fromStored(stored) : undefined;
  };
  const archive = async (flow: TestFlow): Promise<void> => {
    const record = { id: `${flow.id}@${flow.revision}`, ...revisionOf(flow) };
    await revisions.insertOne(archived.toStored(record)).catch((error: unknown) => {
      // A revision never changes, so an archived one is the same.
      if (!isDuplicate(error)) throw error;
    });
  };
  return {
    get,
    async insert(flow) {
      await guardName(flow.name, collection.insertOne(flows.toStored(flow)));
    },
    async list({ groupId, name }, request) {
      const wanted: Filter<FlowDocument> = {
        ...(groupId !== undefined && { groupId }),
        ...(name !== undefined && { name: { $regex: escapePattern(name), $options: 'i' } }),
      };
      const { items, ...more } = await findPage(collection, wanted, request, ['graph']);
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
      await archive(before);
      const { _id, ...fields } = flows.toStored(next);
      const at = { _id, revision: before.revision };
      return (await guardName(next.name, collection.replaceOne(at, fields))).matchedCount === 1;
    },
    async delete(flow, keptRevisions) {
      await archive(flow);
      const { deletedCount } = await collection.deleteOne({ _id: flow.id, revision: flow.revision });
      if (deletedCount === 0) return false;
      await revisions.deleteMany({ testFlowId: flow.id, revision: { $nin: [...keptRevisions] } });
      return true;
    },
    async forget(id) {
      if (!(await get(id))) await revisions.deleteMany({ testFlowId: id });
    },
    async revision(id, revision) {
      // The flow is read first: a revision that it no longer has was archived before.
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
  return { testFlowId, revision, name, graph, globalProperties, description, by, at };
}

function toRevision(stored: RevisionDocument): FlowRevision {
  const { id: _id, ...revision } = archived.fromStored(stored);
  return revision;
}

/** Escapes a text for a regular expression that matches only it. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
