import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { FaultReport } from '../../model/fault.ts';
import type { AcceptedTasks, TaskStart } from '../../model/ports/accepted-tasks.ts';
import type { Task } from '../../model/task.ts';
import { finalStates } from '../../model/task-state.ts';
import { insertNew } from './insert-new.ts';
import type { StoredStart, TaskDocument } from './task-document.ts';
import { upsert } from './upsert.ts';

/** Beside the tasks, so that those few are found without a look at all of them. */
export interface UnclaimedDocument {
  _id: string;
  startId: string;
  at: Date;
}

/** What a request with a key got; its task names it in `requestKeys`, and takes it along when it is deleted. */
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

/** What a task ended with, and loses when it begins again. */
const ended = ['outcome', 'error', 'stop', 'heldUntil', 'podName', 'reason', 'logsRemovedAt', 'removing'] as const;
const phases = ['buildingAt', 'createdAt', 'runningAt', 'heldAt', 'cleaningAt', 'settledAt'] as const;
/** What it has in the place of it. */
const replaced = ['state', 'attempt', 'steps', 'debts', 'times'] as const;

/** Shown while no worker has begun a task. */
const queuedReason = 'waits for a worker to begin it';

/** How a whole task, or fields of one, are written. */
interface TaskWriting {
  insert(task: Task, salt: (n: number) => string, more: Partial<TaskDocument>): Promise<Task | undefined>;
  toFields(fields: Partial<Task>): Record<string, unknown>;
}

export function createAcceptedTasks(
  { tasks, unclaimed, answers }: AcceptCollections,
  { insert, toFields }: TaskWriting,
): AcceptedTasks {
  const isStart = (id: string, startId: string): Filter<TaskDocument> => ({ _id: id, 'start.id': startId }) as never;
  const untaken = { 'start.dispatchedAt': { $exists: false } };
  const begun = (id: string, startId: string) => unclaimed.deleteOne({ _id: id, startId });
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
      if (!recorded) await begun(task.id, start.id);
      return recorded !== undefined;
    },
    async acceptAgain(id, from, start) {
      const task = await tasks.findOne({ _id: id, attempt: from, state: { $in: [...finalStates] } });
      if (!task) return false;
      const names = [...ended, ...replaced].filter((name) => task[name] !== undefined);
      const before = Object.fromEntries(names.map((name) => [name, task[name]]));
      await upsert(unclaimed, id, { $set: { startId: start.id, at: start.at } });
      const gone = [...ended.filter((name) => name !== 'reason'), ...phases.map((name) => `times.${name}`)];
      const filter = { _id: id, attempt: from, state: { $in: [...finalStates] } };
      const accepted = await update(filter as Filter<TaskDocument>, {
        $set: {
          start: { ...storedStart(start), before },
          state: 'init',
          reason: queuedReason,
          attempt: from + 1,
          // Those of its attempts before have their own records, or are in their entries.
          steps: [],
          debts: [],
        },
        $unset: Object.fromEntries(gone.map((name) => [name, true])),
      });
      if (!accepted) await begun(id, start.id);
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
      await begun(id, startId);
      return claimed || (await tasks.countDocuments({ _id: id, startId } as Filter<TaskDocument>)) === 1;
    },
    async fill(id, snapshot) {
      await tasks.updateOne({ _id: id }, { $set: toFields(snapshot) } as UpdateFilter<TaskDocument>);
    },
    async withdraw(id, startId) {
      const filter = { ...isStart(id, startId), ...untaken } as Filter<TaskDocument>;
      const start = await startOf(id);
      if (start?.id !== startId) return false;
      const { before } = start;
      const undone = before
        ? await update(filter, {
            $set: before,
            $unset: Object.fromEntries(
              ['start', ...ended].filter((name) => before[name] === undefined).map((name) => [name, true]),
            ),
          })
        : (await tasks.deleteOne(filter)).deletedCount === 1;
      if (undone) await begun(id, startId);
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
      if (canceled) await begun(id, start.id);
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
        else await begun(_id, startId); // Its program ended before it could do so.
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
