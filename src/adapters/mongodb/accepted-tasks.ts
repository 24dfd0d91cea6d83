import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { FaultReport } from '../../model/fault.ts';
import type { AcceptedTasks, TaskStart } from '../../model/ports/accepted-tasks.ts';
import type { Task } from '../../model/task.ts';
import { finalStates } from '../../model/task-state.ts';
import { insertNew } from './insert-new.ts';
import type { StoredStart, TaskDocument } from './task-document.ts';
import { upsert } from './upsert.ts';

/** Task that no worker has claimed yet; in a collection of its own, so that these few are found without a full scan. */
export interface UnclaimedDocument {
  _id: string;
  startId: string;
  at: Date;
}

/** Answer to a request with a key. Its task has the key in `requestKeys`, and is deleted together with it. */
export interface AnswerDocument {
  _id: string;
  taskId: string;
  attempt: number;
}

export interface AcceptCollections {
  tasks: Collection<TaskDocument>;
  unclaimed: Collection<UnclaimedDocument>;
  answers: Collection<AnswerDocument>;
}

/** Fields of a task's end, which a restart removes. */
const endFields = ['outcome', 'error', 'stop', 'heldUntil', 'podName', 'reason', 'logsRemovedAt', 'removing'] as const;
const phases = ['buildingAt', 'createdAt', 'runningAt', 'heldAt', 'cleaningAt', 'settledAt'] as const;
/** Fields that a restart replaces. */
const resetFields = ['state', 'attempt', 'steps', 'debts', 'times'] as const;

/** Reason that is shown until a worker starts the task. */
const queuedReason = 'waits for a worker to start it';

/** Functions that write a task or some of its fields. */
interface TaskWriting {
  insert(task: Task, salt: (n: number) => string, more: Partial<TaskDocument>): Promise<Task | undefined>;
  toFields(fields: Partial<Task>): Record<string, unknown>;
}

export function createAcceptedTasks(
  { tasks, unclaimed, answers }: AcceptCollections,
  { insert, toFields }: TaskWriting,
): AcceptedTasks {
  const isStart = (id: string, startId: string): Filter<TaskDocument> => ({ _id: id, 'start.id': startId }) as never;
  const undispatched = { 'start.dispatchedAt': { $exists: false } };
  const forgetUnclaimed = (id: string, startId: string) => unclaimed.deleteOne({ _id: id, startId });
  const update = async (filter: Filter<TaskDocument>, change: object): Promise<boolean> =>
    (await tasks.updateOne(filter, change as UpdateFilter<TaskDocument>)).matchedCount === 1;
  const startOf = async (id: string) => {
    const found = await tasks.findOne({ _id: id }, { projection: { start: 1 } });
    return found?.start;
  };
  return {
    async accept(task, salt, start) {
      await upsert(unclaimed, task.id, { $set: { startId: start.id, at: start.at } });
      const recorded = await insert({ ...task, reason: queuedReason }, salt, { start: storedStart(start) });
      if (!recorded) await forgetUnclaimed(task.id, start.id);
      return recorded !== undefined;
    },
    async acceptAgain(id, from, start) {
      const task = await tasks.findOne({ _id: id, attempt: from, state: { $in: [...finalStates] } });
      if (!task) return false;
      const names = [...endFields, ...resetFields].filter((name) => task[name] !== undefined);
      const before = Object.fromEntries(names.map((name) => [name, task[name]]));
      await upsert(unclaimed, id, { $set: { startId: start.id, at: start.at } });
      const removed = [...endFields.filter((name) => name !== 'reason'), ...phases.map((name) => `times.${name}`)];
      const filter = { _id: id, attempt: from, state: { $in: [...finalStates] } };
      const accepted = await update(filter as Filter<TaskDocument>, {
        $set: {
          start: { ...storedStart(start), before },
          state: 'init',
          reason: queuedReason,
          attempt: from + 1,
          // Steps of earlier attempts have their own records, or are in the attempts' entries.
          steps: [],
          debts: [],
        },
        $unset: Object.fromEntries(removed.map((name) => [name, true])),
      });
      if (!accepted) await forgetUnclaimed(id, start.id);
      return accepted;
    },
    async markDispatched(id, startId, at) {
      if (await update(isStart(id, startId), { $set: { 'start.dispatchedAt': at } })) return true;
      return (await tasks.countDocuments({ _id: id, startId } as Filter<TaskDocument>)) === 1;
    },
    async claim(id, startId, { workflowId, runId, at, reason }) {
      const claimed = await update(isStart(id, startId), {
        $set: { startId, workflowId, runId, epoch: 0, 'times.startedAt': at, ...(reason !== undefined && { reason }) },
        $unset: { start: true, ...(reason === undefined && { reason: true }) },
      });
      await forgetUnclaimed(id, startId);
      return claimed || (await tasks.countDocuments({ _id: id, startId } as Filter<TaskDocument>)) === 1;
    },
    async fill(id, snapshot) {
      await tasks.updateOne({ _id: id }, { $set: toFields(snapshot) } as UpdateFilter<TaskDocument>);
    },
    async withdraw(id, startId) {
      const filter = { ...isStart(id, startId), ...undispatched } as Filter<TaskDocument>;
      const start = await startOf(id);
      if (start?.id !== startId) return false;
      const { before } = start;
      const undone = before
        ? await update(filter, {
            $set: before,
            $unset: Object.fromEntries(
              ['start', ...endFields].filter((name) => before[name] === undefined).map((name) => [name, true]),
            ),
          })
        : (await tasks.deleteOne(filter)).deletedCount === 1;
      if (undone) await forgetUnclaimed(id, startId);
      return undone;
    },
    async cancelStart(id, { startId, message, stop, at }) {
      const task = await tasks.findOne({ _id: id }, { projection: { start: 1, attempt: 1 } });
      const start = task?.start;
      if (!task || !start || (startId !== undefined && startId !== start.id)) return false;
      const error: FaultReport = { code: 'stopped', message };
      const end = { state: 'canceled' as const, outcome: 'stopped' as const, error };
      const { attempt } = task;
      const times = { startedAt: start.at.toISOString(), endedAt: at.toISOString() };
      const canceled = await update(isStart(id, start.id), {
        $set: {
          ...end,
          ...(stop && { stop }),
          'times.settledAt': at,
          [`attempts.${attempt}`]: JSON.stringify({ attempt, ...end, ...times }),
        },
        $unset: { start: true, reason: true },
      });
      if (canceled) await forgetUnclaimed(id, start.id);
      return canceled;
    },
    async startOf(id) {
      const task = await tasks.findOne({ _id: id }, { projection: { jobId: 1, start: 1 } });
      if (!task?.start) return undefined;
      const { before: _before, request, ...rest } = task.start;
      return { ...rest, jobId: task.jobId, request: JSON.parse(request) };
    },
    async unclaimed(before) {
      const old = await unclaimed.find({ at: { $lt: before } }).toArray();
      const ids: string[] = [];
      for (const { _id, startId } of old) {
        if ((await startOf(_id))?.id === startId) ids.push(_id);
        else await forgetUnclaimed(_id, startId); // Left by a program that ended before it could remove it.
      }
      return ids;
    },
    countUnclaimed: () => unclaimed.estimatedDocumentCount(),
    async answerOf(key) {
      const found = await answers.findOne({ _id: key });
      return found ? { taskId: found.taskId, attempt: found.attempt } : undefined;
    },
    async keepAnswer(key, answer) {
      await tasks.updateOne({ _id: answer.taskId }, { $push: { requestKeys: key } } as UpdateFilter<TaskDocument>);
      return insertNew(answers, { _id: key, ...answer });
    },
    async forgetAnswer(key, taskId) {
      await answers.deleteOne({ _id: key, taskId });
    },
  };
}

function storedStart({ id, at, request, dispatchedAt }: TaskStart): StoredStart {
  return { id, at, request: JSON.stringify(request), ...(dispatchedAt && { dispatchedAt }) };
}
