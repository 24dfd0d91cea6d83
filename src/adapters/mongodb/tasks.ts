import type { Filter } from 'mongodb';
import type { AttemptEntry, TaskAttempt } from '../../model/attempt.ts';
import { progressOf, type StepStore } from '../../model/ports/steps.ts';
import type { TaskPatch, TaskStore, TaskSummary } from '../../model/ports/tasks.ts';
import type { StepProgress } from '../../model/step.ts';
import { addPendingSteps } from '../../model/step-summary.ts';
import type { Task } from '../../model/task.ts';
import { finalStates, isFinal } from '../../model/task-state.ts';
import { type AcceptCollections, createAcceptedTasks } from './accepted-tasks.ts';
import { createCodec, isDuplicate, type Stored } from './documents.ts';
import { createExpiringTasks } from './expiring-tasks.ts';
import { findPage } from './paging.ts';
import { type TaskDocument, type TextField, textFields } from './task-document.ts';
import { createWaitStore, waitingOf } from './waits.ts';

const { toStored, fromStored, toFields } = createCodec<Omit<Task, 'attempts'>, TextField>(textFields);

/** Maximum number of candidates for a testId; two of 8 hex characters are equal once in 4 billion. */
const maxSalts = 10;

const settled: Filter<TaskDocument> = { state: { $in: [...finalStates] } };

const largeFields = ['pipeline', 'attempts', 'steps'] as const;
const withoutLargeFields = Object.fromEntries(largeFields.map((field) => [field, 0]));

export function createTaskStore(
  collections: AcceptCollections,
  stepStore: Pick<StepStore, 'read' | 'delete'>,
): TaskStore {
  const { tasks: collection, answers } = collections;
  const get = async (id: string): Promise<Task | undefined> => {
    const stored = await collection.findOne({ _id: id });
    return stored ? withSteps(toTask(stored), stepStore) : undefined;
  };
  const summaries = async (filter: Filter<TaskDocument>): Promise<TaskSummary[]> =>
    (await collection.find(filter).project<TaskDocument>(withoutLargeFields).toArray()).map(toSummary);
  /** Inserts a task. Returns undefined when its id is taken. */
  const insert = async (
    task: Task,
    salt: (n: number) => string,
    more: Partial<TaskDocument> = {},
  ): Promise<Task | undefined> => {
    for (let n = 0; n < maxSalts; n += 1) {
      const candidate = { ...task, testId: salt(n) };
      try {
        const { attempts, ...fields } = candidate;
        const stored = {
          ...toStored({ ...fields, steps: startedSteps(fields.steps) }),
          attempts: attemptTexts(attempts),
        };
        await collection.insertOne({ ...stored, epoch: 0, createdAt: task.times.requestedAt, ...more });
        return candidate;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if ((await collection.countDocuments({ _id: task.id })) > 0) return undefined;
      }
    }
    throw new Error(`no unused testId for task ${task.id} after ${maxSalts} tries`);
  };
  return {
    ...createExpiringTasks(collection),
    ...createAcceptedTasks(collections, { insert, toFields }),
    ...createWaitStore(collection),
    get,
    async summary(id) {
      return (await summaries({ _id: id }))[0];
    },
    async reportedSteps(id) {
      return (await collection.findOne({ _id: id }, { projection: { steps: 1 } }))?.steps ?? [];
    },
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
      const removed = [
        ...namesOf(fields, null),
        ...namesOf(times, null).map((name) => `times.${name}`),
        ...(isRunning(patch) ? newLogs : []),
        ...(patch.state !== undefined && isFinal(patch.state) ? ['waits'] : []),
      ];
      const update = {
        $set: { ...flatten(patch), runId: writer.runId, epoch: writer.epoch },
        // Not every server accepts an empty $unset.
        ...(removed.length > 0 && { $unset: Object.fromEntries(removed.map((name) => [name, true as const])) }),
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
      const { items, ...more } = await findPage(collection, wanted, request, largeFields);
      return { items: items.map(toSummary), ...more };
    },
    async unsettled(jobId) {
      const wanted: Filter<TaskDocument> = {
        state: { $nin: [...finalStates] },
        ...(jobId !== undefined && { jobId }),
      };
      return summaries(wanted);
    },
    async withUndeletedObjects() {
      return summaries({ ...settled, 'debts.0': { $exists: true } } as Filter<TaskDocument>);
    },
    async knownTestIds(testIds) {
      const found = collection.find({ testId: { $in: [...testIds] } }, { projection: { testId: 1 } });
      return new Set(testIds.length === 0 ? [] : (await found.toArray()).map(({ testId }) => testId));
    },
    async settledWith(testIds) {
      return testIds.length === 0 ? [] : summaries({ ...settled, testId: { $in: [...testIds] } });
    },
    async setUndeletedObjects(id, debts) {
      await collection.updateOne({ _id: id, ...settled }, { $set: { debts } });
    },
    async recordStop(id, stop) {
      await collection.updateOne({ _id: id, stop: { $exists: false } }, { $set: { stop } });
    },
    async delete(id) {
      const found = await collection.findOne({ _id: id }, { projection: { requestKeys: 1, attempt: 1 } });
      for (const key of found?.requestKeys ?? []) await answers.deleteOne({ _id: key, taskId: id });
      await stepStore.delete(id, found?.attempt ?? 0);
      return (await collection.deleteOne({ _id: id })).deletedCount === 1;
    },
  };
}

/** Returns the started steps: pending ones need no record. */
function startedSteps(steps: readonly StepProgress[]): StepProgress[] {
  return steps.filter(({ state }) => state !== 'pending');
}

/** Fields to remove from a task that runs again, as it has logs again. */
const newLogs = ['logsRemovedAt', 'removing'];
const isRunning = ({ state }: TaskPatch): boolean => state !== undefined && !isFinal(state);

/** Task with the steps and attempts of its own record. */
type StoredTask = Omit<Task, 'attempts'> & { attempts: AttemptEntry[] };

function toTask({ attempts = {}, ...stored }: TaskDocument): StoredTask {
  const read = Object.values(attempts).map((text): AttemptEntry => JSON.parse(text));
  return { ...fieldsOf(stored), attempts: read.sort((one, other) => one.attempt - other.attempt) };
}

/** Adds the steps that followers have recorded. Workflows of earlier releases keep them in the task itself. */
async function withSteps(task: StoredTask, store: Pick<StepStore, 'read'>): Promise<Task> {
  const { id, runId, attempt, pipeline } = task;
  const recorded = async (number: number): Promise<StepProgress[]> => {
    const found = await store.read(id, number);
    // After a reset, until its runner is followed, the record has the steps of the previous run.
    const steps = found && (number !== attempt || found.runId === runId) ? found.steps : [];
    return addPendingSteps(pipeline, steps.map(progressOf));
  };
  const steps = task.steps.length > 0 ? addPendingSteps(pipeline, task.steps) : await recorded(attempt);
  const attempts = await Promise.all(
    task.attempts.map(async (entry): Promise<TaskAttempt> => {
      const { steps: own, ...rest } = entry;
      const isNow = entry.attempt === attempt;
      const found = own ?? (isNow ? steps : await recorded(entry.attempt));
      const { startedAt, endedAt, ...fields } = rest;
      return { ...fields, steps: found, startedAt, endedAt };
    }),
  );
  return { ...task, steps, attempts };
}

function toSummary(stored: TaskDocument): TaskSummary {
  const { steps: _steps, pipeline: _pipeline, ...fields } = fieldsOf(stored);
  return fields;
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

/** Flattens a patch: times and attempts are merged one by one, other fields are replaced, and null ones left out. */
function flatten({ times, attempts = [], ...fields }: TaskPatch): Record<string, unknown> {
  const dates = Object.entries(times ?? {}).flatMap(([key, at]) => (at ? [[`times.${key}`, at]] : []));
  const texts = Object.entries(attemptTexts(attempts)).map(([number, text]) => [`attempts.${number}`, text]);
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return { ...toFields(present), ...Object.fromEntries([...dates, ...texts]) };
}

function namesOf(fields: object, wanted: unknown): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === wanted ? [name] : []));
}

function attemptTexts(attempts: readonly AttemptEntry[]): Record<string, string> {
  return Object.fromEntries(attempts.map((one) => [String(one.attempt), JSON.stringify(one)]));
}
