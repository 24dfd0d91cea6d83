import type { Db } from 'mongodb';
import type { Counts } from '../model/counts.ts';
import type { CountStore } from '../model/ports.ts';
import { outcomes, taskStates } from '../model/task.ts';
import { createOrphanStore } from './orphans.ts';

interface Group<T> {
  _id: T;
  count: number;
}

/** Counts by MongoDB itself, over indexes where the server uses them: no record is read here. */
export function createCountStore(db: Db): CountStore {
  const counted = async <T>(
    collection: string,
    stages: object[],
    by: unknown,
    timeoutMS: number,
  ): Promise<Group<T>[]> =>
    db
      .collection(collection)
      .aggregate<Group<T>>([...stages, { $group: { _id: by, count: { $sum: 1 } } }], { timeoutMS })
      .toArray();
  const number = (collection: string, filter: object, timeoutMS: number): Promise<number> =>
    db.collection(collection).countDocuments(filter, { timeoutMS });
  return {
    async counts(timeoutMs) {
      const indebted = { 'debts.kind': { $exists: true } };
      const byState = { state: '$state', outcome: '$outcome' };
      const [tasks, debts, indebtedTasks, received, parked, waiting, running, orphans] = await Promise.all([
        counted<{ state: keyof Counts['tasks']; outcome?: keyof Counts['ended'] }>('tasks', [], byState, timeoutMs),
        counted<string>('tasks', [{ $match: indebted }, { $unwind: '$debts' }], '$debts.kind', timeoutMs),
        number('tasks', indebted, timeoutMs),
        number('deliveries', { state: 'received' }, timeoutMs),
        number('deliveries', { state: 'parked' }, timeoutMs),
        number('builds', { state: 'waiting' }, timeoutMs),
        number('builds', { state: 'running' }, timeoutMs),
        createOrphanStore(db).get(timeoutMs),
      ]);
      const found: Counts = {
        tasks: zeros(taskStates),
        ended: zeros([...outcomes, 'none']),
        debts: Object.fromEntries(debts.map(({ _id, count }) => [_id, count])),
        indebtedTasks,
        deliveries: { received, parked },
        builds: { waiting, running },
        orphans: { unmarked: orphans.unmarked.length, unremovable: orphans.unremovable.length },
      };
      for (const { _id, count } of tasks) {
        found.tasks[_id.state] += count;
        const outcome = _id.state === 'success' ? 'none' : _id.outcome;
        if (outcome) found.ended[outcome] += count;
      }
      return found;
    },
  };
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
