import type { Collection, Filter } from 'mongodb';
import type { ExpiringTasks } from '../../model/ports/tasks.ts';
import { finalStates } from '../../model/task-state.ts';
import type { TaskDocument } from './task-document.ts';

/** Filter of ended tasks without leftovers: cleaning up may need the records of all others. */
const removable: Filter<TaskDocument> = { state: { $in: [...finalStates] }, 'debts.0': { $exists: false } };

/** Creates the queries of retention. They read only ids, as the records may be large. */
export function createExpiringTasks(collection: Collection<TaskDocument>): ExpiringTasks {
  const idsOf = async (filter: Filter<TaskDocument>, limit = 0): Promise<string[]> => {
    const found = collection.find(filter, { projection: { _id: 1 }, limit });
    return (await found.toArray()).map(({ _id }) => _id);
  };
  const endedBefore = (before: Date): Filter<TaskDocument> => ({ ...removable, 'times.settledAt': { $lt: before } });
  return {
    expired: (before, limit) => idsOf(endedBefore(before), limit),
    async expiredLogs(before, limit) {
      const interrupted = await idsOf({ removing: true }, limit);
      const old = await idsOf({ ...endedBefore(before), logsRemovedAt: { $exists: false } }, limit);
      return [...new Set([...interrupted, ...old])].slice(0, limit);
    },
    async beginLogRemoval(id, at) {
      // Written first, so that an interrupted removal is found again.
      const started = await collection.updateOne({ _id: id, ...removable }, { $set: { removing: true } });
      if (started.matchedCount === 0) return false;
      await collection.updateOne(
        { _id: id, removing: true, logsRemovedAt: { $exists: false } },
        { $set: { logsRemovedAt: at } },
      );
      return true;
    },
    async endLogRemoval(id) {
      await collection.updateOne({ _id: id }, { $unset: { removing: true } });
    },
    async known(ids) {
      return new Set(ids.length === 0 ? [] : await idsOf({ _id: { $in: [...ids] } }));
    },
    async withLogs(ids) {
      return ids.length === 0 ? [] : idsOf({ _id: { $in: [...ids] }, logsRemovedAt: { $exists: false } });
    },
  };
}
