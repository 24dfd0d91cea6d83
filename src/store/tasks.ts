import type { Filter } from 'mongodb';
import type { TaskAttempt } from '../model/attempt.ts';
import type { TaskPatch, TaskStore, TaskSummary } from '../model/ports.ts';
import { finalStates, isFinal, type Task } from '../model/task.ts';
import { type AcceptCollections, createAcceptedTasks, type StoredStart } from './accepted-tasks.ts';
import { codec, isDuplicate, type Stored } from './documents.ts';
import { createExpiringTasks } from './expiring-tasks.ts';
import { page } from './paging.ts';
import { createWaitStore, type StoredWaits, waitingOf } from './waits.ts';

const textFields = ['versions', 'commits', 'globals', 'pipeline'] as const;
type TextField = (typeof textFields)[number];

/**
 * A task as it is kept: `epoch` is the newest projection's, `createdAt` orders the lists, its logs are just `removing`,
 * `attempts` are JSON texts by number, each written apart.
 */
export type TaskDocument = Stored<Omit<Task, 'attempts'>, TextField> & {
  epoch: number;
  createdAt: Date;
  removing?: true;
  attempts?: Record<string, string>;
  start?: StoredStart;
  /** The newest start that a workflow has claimed. */
  startId?: string;
  requestKeys?: string[];
  waits?: StoredWaits;
};

const { toStored, fromStored, toFields } = codec<Omit<Task, 'attempts'>, TextField>(textFields);

/** Candidates for a testId before giving up; two of 8 hex characters are equal once in 4 billion. */
const salts = 10;

const settled: Filter<TaskDocument> = { state: { $in: [...finalStates] } };

export function createTaskStore(collections: AcceptCollections): TaskStore {
  const { tasks: collection, answers } = collections;
  const get = async (id: string): Promise<Task | undefined> => {
    const stored = await collection.findOne({ _id: id });
    return stored ? toTask(stored) : undefined;
  };
  const summaries = async (filter: Filter<TaskDocument>): Promise<TaskSummary[]> =>
    (await collection.find(filter).project<TaskDocument>({ pipeline: 0, attempts: 0 }).toArray()).map(toSummary);
  /** Undefined when its id is taken. */
  const insert = async (
    task: Task,
    salt: (n: number) => string,
    more: Partial<TaskDocument> = {},
  ): Promise<Task | undefined> => {
    for (let n = 0; n < salts; n += 1) {
      const candidate = { ...task, testId: salt(n) };
      try {
        const { attempts, ...fields } = candidate;
        const stored = { ...toStored(fields), attempts: attemptTexts(attempts) };
        await collection.insertOne({ ...stored, epoch: 0, createdAt: task.times.requestedAt, ...more });
        return candidate;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if ((await collection.countDocuments({ _id: task.id })) > 0) return undefined;
      }
    }
    throw new Error(`no unused testId for task ${task.id} in ${salts} tries`);
  };
  return {
    ...createExpiringTasks(collection),
    ...createAcceptedTasks(collections, { insert, toFields }),
    ...createWaitStore(collection),
    get,
    async open(task, salt) {
      for (;;) {
        const opened = (await insert(task, salt)) ?? (await get(task.id));
        if (opened) return opened;
      }
    },
    async project(id, writer, patch, options = {}) {
      const mine: Filter<TaskDocument> = { _id: id, runId: writer.runId, epoch: { $lt: writer.epoch } };
      const others: Filter<TaskDocument> = { _id: id, runId: { $ne: writer.runId } };
      const { times = {}, ...fields } = patch;
      const gone = [
        ...namesOf(fields, null),
        ...namesOf(times, null).map((name) => `times.${name}`),
        ...(isRunning(patch) ? newLogs : []),
        ...(patch.state !== undefined && isFinal(patch.state) ? ['waits'] : []),
      ];
      const update = {
        $set: { ...flatten(patch), runId: writer.runId, epoch: writer.epoch },
        // Not every server takes one that is empty.
        ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((name) => [name, true as const])) }),
      };
      if ((await collection.updateOne(mine, update)).matchedCount === 1) return true;
      return options.takeOver === true && (await collection.updateOne(others, update)).matchedCount === 1;
    },
    async list(filter, request) {
      const wanted: Filter<TaskDocument> = {
        ...(filter.jobId !== undefined && { jobId: filter.jobId }),
        ...(filter.testFlowId !== undefined && { testFlowId: filter.testFlowId }),
        ...(filter.state !== undefined && { state: filter.state }),
        ...(filter.since !== undefined && { createdAt: { $gte: filter.since } }),
      };
      const { items, ...more } = await page(collection, wanted, request, ['pipeline', 'attempts']);
      return { items: items.map(toSummary), ...more };
    },
    async unsettled(jobId) {
      const wanted: Filter<TaskDocument> = {
        state: { $nin: [...finalStates] },
        ...(jobId !== undefined && { jobId }),
      };
      return summaries(wanted);
    },
    async indebted() {
      return summaries({ ...settled, 'debts.0': { $exists: true } } as Filter<TaskDocument>);
    },
    async knownTestIds(testIds) {
      const found = collection.find({ testId: { $in: [...testIds] } }, { projection: { testId: 1 } });
      return new Set(testIds.length === 0 ? [] : (await found.toArray()).map(({ testId }) => testId));
    },
    async settledWith(testIds) {
      return testIds.length === 0 ? [] : summaries({ ...settled, testId: { $in: [...testIds] } });
    },
    async setDebts(id, debts) {
      await collection.updateOne({ _id: id, ...settled }, { $set: { debts } });
    },
    async recordStop(id, stop) {
      await collection.updateOne({ _id: id, stop: { $exists: false } }, { $set: { stop } });
    },
    async delete(id) {
      const found = await collection.findOne({ _id: id }, { projection: { requestKeys: 1 } });
      for (const key of found?.requestKeys ?? []) await answers.deleteOne({ _id: key, taskId: id });
      return (await collection.deleteOne({ _id: id })).deletedCount === 1;
    },
  };
}

/** One that runs again has logs again. */
const newLogs = ['logsRemovedAt', 'removing'];
const isRunning = ({ state }: TaskPatch): boolean => state !== undefined && !isFinal(state);

function toTask({ attempts = {}, ...stored }: TaskDocument): Task {
  const read = Object.values(attempts).map((text): TaskAttempt => JSON.parse(text));
  return { ...fieldsOf(stored), attempts: read.sort((one, other) => one.attempt - other.attempt) };
}

function toSummary(stored: TaskDocument): TaskSummary {
  return fieldsOf(stored);
}

function fieldsOf(document: TaskDocument): Omit<Task, 'attempts'> {
  const {
    epoch: _epoch,
    createdAt: _createdAt,
    removing: _removing,
    startId: _startId,
    requestKeys: _requestKeys,
    waits: _waits,
    start,
    ...stored
  } = document;
  const task = fromStored(stored as unknown as Stored<Omit<Task, 'attempts'>, TextField>);
  const waiting = waitingOf(document);
  return { ...task, ...(start && { queuedAt: start.at }), ...(waiting && { waiting }) };
}

/** Times and attempts are merged one by one; every other field is replaced as a whole, and one that is null is left out. */
function flatten({ times, attempts = [], ...fields }: TaskPatch): Record<string, unknown> {
  const dates = Object.entries(times ?? {}).flatMap(([key, at]) => (at ? [[`times.${key}`, at]] : []));
  const texts = Object.entries(attemptTexts(attempts)).map(([number, text]) => [`attempts.${number}`, text]);
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return { ...toFields(present), ...Object.fromEntries([...dates, ...texts]) };
}

function namesOf(fields: object, wanted: unknown): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === wanted ? [name] : []));
}

function attemptTexts(attempts: readonly TaskAttempt[]): Record<string, string> {
  return Object.fromEntries(attempts.map((one) => [String(one.attempt), JSON.stringify(one)]));
}
