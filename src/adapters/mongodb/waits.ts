import type { Collection, Filter } from 'mongodb';
import type { WaitStore } from '../../model/ports/waits.ts';
import { finalStates, isFinal } from '../../model/task-state.ts';
import type { RecordedWait, Waiting } from '../../model/waiting.ts';
import type { StoredWaits, TaskDocument } from './task-document.ts';

export function createWaitStore(tasks: Collection<TaskDocument>): WaitStore {
  return {
    async waits(taskId) {
      const projection = { state: 1, runId: 1, attempt: 1, waits: 1 };
      const found = await tasks.findOne({ _id: taskId }, { projection });
      return { attempt: found?.waits?.attempt ?? 1, waits: found ? currentWaits(found) : [] };
    },
    async recordWaits(taskId, { runId, attempt }, waits) {
      const mine = {
        _id: taskId,
        runId,
        state: { $nin: [...finalStates] },
        // The record has the previous attempt while the runner of this one is created.
        attempt: { $lte: attempt },
        $or: [{ waits: { $exists: false } }, { 'waits.runId': { $ne: runId } }, { 'waits.attempt': { $lte: attempt } }],
      } as Filter<TaskDocument>;
      const stored: StoredWaits = { runId, attempt, items: [...waits] };
      const change = stored.items.length > 0 ? { $set: { waits: stored } } : { $unset: { waits: true as const } };
      return (await tasks.updateOne(mine, change)).matchedCount === 1;
    },
  };
}

/** Returns the waits unless they belong to a run before a reset or to an earlier attempt. */
function currentWaits({ state, runId, attempt, waits }: TaskDocument): RecordedWait[] {
  if (!waits || isFinal(state) || waits.runId !== runId || waits.attempt < attempt) return [];
  return waits.items;
}

/**
 * Returns the wait that a task shows: for a worker, the first one of its runtime, or for an earlier task of the job.
 */
export function waitingOf(task: TaskDocument): Waiting | undefined {
  const { start, state, reason, times } = task;
  if (isFinal(state)) return undefined;
  if (start) return { reason: 'no_worker', message: reason ?? '', since: start.at.toISOString() };
  const [first] = currentWaits(task);
  if (first) {
    const { pod: _pod, ...waiting } = first;
    return waiting;
  }
  if (state !== 'init' || reason === undefined) return undefined;
  const since = (times.startedAt ?? times.requestedAt).toISOString();
  return { reason: 'earlier_task', message: reason, since };
}
