import { setTimeout } from 'node:timers/promises';
import type { Db } from 'mongodb';
import type { Counts } from '../../model/counts.ts';
import { type Outcome, outcomes } from '../../model/outcome.ts';
import type { CountStore } from '../../model/ports/counts.ts';
import { type TaskState, taskStates } from '../../model/task-state.ts';
import { createOrphanStore } from './orphans.ts';

/** Time limit of reading the counts: an embedded server may scan all records for it. */
const readTimeoutMs = 30_000;

interface TaskGroup {
  _id: { state: TaskState; outcome?: Outcome };
  count: number;
}

/**
 * Creates a store that counts over indexes, where the server uses them. Concurrent calls share one reading, so that a
 * slow server does not get more and more queries.
 */
export function createCountStore(db: Db): CountStore {
  let reading: Promise<Counts> | undefined;
  return {
    async counts(timeoutMs) {
      reading ??= readCounts(db, AbortSignal.timeout(readTimeoutMs)).finally(() => {
        reading = undefined;
      });
      return withTimeout(timeoutMs, reading);
    },
  };
}

async function withTimeout<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const timeout = setTimeout(timeoutMs, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`MongoDB did not return all counts within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    settled.abort();
  }
}

async function readCounts(db: Db, signal: AbortSignal): Promise<Counts> {
  const number = (collection: string, filter: object): Promise<number> =>
    db.collection(collection).countDocuments(filter, { signal });
  const byState = { $group: { _id: { state: '$state', outcome: '$outcome' }, count: { $sum: 1 } } };
  const withLeftovers = { 'debts.kind': { $exists: true } };
  const [groups, unclean, waiting, parked, waitingBuilds, running, orphans] = await Promise.all([
    db.collection('tasks').aggregate<TaskGroup>([byState], { signal }).toArray(),
    db
      .collection('tasks')
      .find<{ debts: { kind: string }[] }>(withLeftovers, { projection: { 'debts.kind': 1 }, signal })
      .toArray(),
    number('waitingDeliveries', {}),
    number('deliveries', { state: 'parked' }),
    number('builds', { state: 'waiting' }),
    number('builds', { state: 'running' }),
    createOrphanStore(db).get(),
  ]);
  const found: Counts = {
    tasks: zeros(taskStates),
    ended: zeros([...outcomes, 'none']),
    undeletedObjects: {},
    tasksWithUndeletedObjects: unclean.length,
    deliveries: { waiting, parked },
    builds: { waiting: waitingBuilds, running },
    orphans: { unmarked: orphans.unmarked.length, unremovable: orphans.unremovable.length },
  };
  for (const { _id, count } of groups) {
    found.tasks[_id.state] += count;
    const outcome = _id.state === 'success' ? 'none' : _id.outcome;
    if (outcome) found.ended[outcome] += count;
  }
  for (const { kind } of unclean.flatMap(({ debts }) => debts))
    found.undeletedObjects[kind] = (found.undeletedObjects[kind] ?? 0) + 1;
  return found;
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
