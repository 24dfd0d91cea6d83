import { setTimeout } from 'node:timers/promises';
import type { Db } from 'mongodb';
import type { Counts } from '../../model/counts.ts';
import { type Outcome, outcomes } from '../../model/outcome.ts';
import type { CountStore } from '../../model/ports/counts.ts';
import { type TaskState, taskStates } from '../../model/task-state.ts';
import { createOrphanStore } from './orphans.ts';

/** Milliseconds after which a reading is given up: an embedded server may look through all records for it. */
const patience = 30_000;

interface TaskGroup {
  _id: { state: TaskState; outcome?: Outcome };
  count: number;
}

/**
 * Counts over indexes, where the server uses them. Whoever asks while a reading is under way gets that one's result, so that
 * a slow server is not asked more and more.
 */
export function createCountStore(db: Db): CountStore {
  let reading: Promise<Counts> | undefined;
  return {
    async counts(timeoutMs) {
      reading ??= readCounts(db, AbortSignal.timeout(patience)).finally(() => {
        reading = undefined;
      });
      return within(timeoutMs, reading);
    },
  };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const told = new AbortController();
  const late = setTimeout(timeoutMs, undefined, { signal: told.signal }).then(() => {
    throw new Error(`MongoDB has not told all counts within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    told.abort();
  }
}

async function readCounts(db: Db, signal: AbortSignal): Promise<Counts> {
  const number = (collection: string, filter: object): Promise<number> =>
    db.collection(collection).countDocuments(filter, { signal });
  const byState = { $group: { _id: { state: '$state', outcome: '$outcome' }, count: { $sum: 1 } } };
  const indebted = { 'debts.kind': { $exists: true } };
  const [groups, debtors, waiting, parked, waitingBuilds, running, orphans] = await Promise.all([
    db.collection('tasks').aggregate<TaskGroup>([byState], { signal }).toArray(),
    db
      .collection('tasks')
      .find<{ debts: { kind: string }[] }>(indebted, { projection: { 'debts.kind': 1 }, signal })
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
    debts: {},
    indebtedTasks: debtors.length,
    deliveries: { waiting, parked },
    builds: { waiting: waitingBuilds, running },
    orphans: { unmarked: orphans.unmarked.length, unremovable: orphans.unremovable.length },
  };
  for (const { _id, count } of groups) {
    found.tasks[_id.state] += count;
    const outcome = _id.state === 'success' ? 'none' : _id.outcome;
    if (outcome) found.ended[outcome] += count;
  }
  for (const { kind } of debtors.flatMap(({ debts }) => debts)) found.debts[kind] = (found.debts[kind] ?? 0) + 1;
  return found;
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
