import type { Db } from 'mongodb';
import type { LogStore } from '../../model/ports/logs.ts';
import type { StepGrant, StepRecord, StepStore, StepWriter } from '../../model/ports/steps.ts';
import { isDuplicate } from './documents.ts';
import { insertNew } from './insert-new.ts';
import { upsert } from './upsert.ts';

/** Current writer of an attempt's steps. `_id` is `<taskId>/<attempt>`. */
interface HeadDocument {
  _id: string;
  runId: string;
  /** Epoch and try of the newest writer as one number. */
  writer: number;
  /** Generation of the newest grant; those before `base` belong to another run. */
  generation: number;
  base: number;
}

/** Steps of an attempt with a record. `_id` is `<taskId>/<attempt>`. */
interface NamesDocument {
  _id: string;
  instances: string[];
}

/** Record of a step. `_id` is `<taskId>/<attempt>/<instance>`. */
interface StepDocument {
  _id: string;
  generation: number;
  step: StepRecord;
}

const collectionName = 'steps';

/** Maximum number of distinguishable tries of an activity. */
const maxTries = 1_000_000;

/**
 * Creates a store with a document per step, so that a change writes only that step. Each has the generation of the
 * grant it was written under and refuses older ones, which keeps out late writers without a transaction.
 */
export function createStepStore(db: Db): StepStore {
  const heads = db.collection<HeadDocument>('stepHeads');
  const names = db.collection<NamesDocument>('stepNames');
  const steps = db.collection<StepDocument>(collectionName, { ignoreUndefined: true });
  /** Steps that a grant has written, whose names are recorded. */
  const recordedSteps = new WeakMap<StepGrant, Set<string>>();
  const instancesOf = async (id: string): Promise<string[]> => (await names.findOne({ _id: id }))?.instances ?? [];

  const nextHead = async (
    id: string,
    { runId, epoch, try: number }: StepWriter,
    takeOver: boolean,
  ): Promise<{ before?: HeadDocument; after: HeadDocument } | undefined> => {
    const writer = epoch * maxTries + Math.min(number, maxTries - 1);
    const before = (await heads.findOne({ _id: id })) ?? undefined;
    if (!before) return { after: { _id: id, runId, writer, generation: 1, base: 1 } };
    const generation = before.generation + 1;
    if (before.runId !== runId) {
      return takeOver ? { before, after: { _id: id, runId, writer, generation, base: generation } } : undefined;
    }
    // A repeated request of the same writer keeps its grant.
    if (before.writer === writer) return { before, after: before };
    return before.writer > writer ? undefined : { before, after: { ...before, writer, generation } };
  };

  return {
    async grant(taskId, attempt, writer, { takeOver = false } = {}) {
      const id = `${taskId}/${attempt}`;
      for (;;) {
        const next = await nextHead(id, writer, takeOver);
        if (!next) return undefined;
        const { before, after } = next;
        const { _id, ...fields } = after;
        const isMine = before
          ? (await heads.updateOne({ _id, generation: before.generation }, { $set: fields })).matchedCount === 1
          : await insertNew(heads, after);
        if (isMine) return { taskId, attempt, generation: after.generation };
      }
    },

    async write(grant, changed) {
      if (changed.length === 0) return true;
      const { taskId, attempt, generation } = grant;
      const id = `${taskId}/${attempt}`;
      const before = recordedSteps.get(grant) ?? new Set();
      const added = changed.flatMap(({ instance }) => (before.has(instance) ? [] : [instance]));
      // Written first, so that stored steps are always found and deleted.
      if (added.length > 0) await upsert(names, id, { $addToSet: { instances: { $each: added } } });
      recordedSteps.set(grant, new Set([...before, ...added]));
      try {
        await steps.bulkWrite(
          changed.map((step) => ({
            updateOne: {
              filter: { _id: `${id}/${step.instance}`, generation: { $lte: generation } },
              update: { $set: { generation, step } },
              upsert: true,
            },
          })),
          { ordered: false },
        );
        return true;
      } catch (error) {
        // A document with this id that the filter does not match has a later generation.
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    async read(taskId, attempt) {
      const id = `${taskId}/${attempt}`;
      const head = await heads.findOne({ _id: id });
      if (!head) return undefined;
      const instances = await instancesOf(id);
      const found = await steps.find({ _id: { $in: instances.map((instance) => `${id}/${instance}`) } }).toArray();
      const known = new Map(
        found.flatMap(({ generation, step }) => (generation < head.base ? [] : [[step.instance, step]])),
      );
      const inOrder = instances.flatMap((instance) => known.get(instance) ?? []);
      return { runId: head.runId, steps: inOrder };
    },

    async delete(taskId, attempts) {
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const id = `${taskId}/${attempt}`;
        const instances = await instancesOf(id);
        await steps.deleteMany({ _id: { $in: instances.map((instance) => `${id}/${instance}`) } });
        await heads.deleteOne({ _id: id });
        await names.deleteOne({ _id: id });
      }
    },
  };
}

/** Creates the query for the position of a step in the log of an attempt. */
export function createStepOrdinals(db: Db): LogStore['stepOrdinals'] {
  const steps = db.collection<StepDocument>(collectionName);
  return async ({ taskId, attempt }, instance) => {
    const { begun, over } = (await steps.findOne({ _id: `${taskId}/${attempt}/${instance}` }))?.step ?? {};
    return { ...(begun !== undefined && { begun }), ...(over !== undefined && { over }) };
  };
}
