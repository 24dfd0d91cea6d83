import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Store } from '../../../src/adapters/mongodb/connect.ts';
import { buildStream } from '../../../src/model/build.ts';
import type { Task } from '../../../src/model/task.ts';
import { deleteFlow } from '../../../src/services/flows/delete-flow.ts';
import { type RemoveExpiredPorts, removeExpired } from '../../../src/services/retention/remove-expired.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { addLines, aFlow, aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let store: Store;
beforeEach(async () => {
  opened = await openStore();
  store = opened.store;
  running = new Set();
});
afterEach(() => opened.close());

const now = new Date('2026-11-24T12:00:00Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 24 * 3600 * 1000);
const keep = { logDays: 30, taskDays: 90 };
const never = new AbortController().signal;
/** Tasks whose workflows run, whatever their records say. */
let running: Set<string>;

const run = (retention = keep, changes: Partial<RemoveExpiredPorts> = {}) => {
  const orchestrator = {
    taskRun: async (id: string) => (running.has(id) ? { runId: 'r', status: 'running' as const } : undefined),
  };
  const log = pino({ level: 'silent' });
  // Each run of a test is due.
  const retentionLease = { lease: async () => true, release: async () => undefined };
  const ports = { ...store, retentionLease, orchestrator, log, ...changes };
  return removeExpired(ports, retention, never, now.getTime());
};

/** Creates a task that ended some days ago, with a log, a file and outputs. */
async function ended(number: number, days: number, more: Partial<Task> = {}): Promise<Task> {
  const times = { requestedAt: daysAgo(days), settledAt: daysAgo(days) };
  const task = await store.tasks.open(aTask('old', number, { state: 'success', times, ...more }), () => `old${number}`);
  await addLines(store.logs, { taskId: task.id }, 0, 1, ['hello']);
  await store.outputs.put(task.id, 1, 'say', { a: 1 });
  await store.artifacts.put(task.id, 1, { step: 'say', path: 'file', size: 1 }, 0, Buffer.from('x'));
  const container = {
    streamId: `${task.id}/runner`,
    attempt: 1,
    pod: 'runner',
    source: 'runner',
    running: false,
  } as const;
  await store.containers.put(task.id, { ...container, role: 'runner' });
  return task;
}

/** Returns the names of the data that a task still has. */
async function has({ id }: Pick<Task, 'id'>): Promise<string[]> {
  const parts = {
    record: await store.tasks.get(id),
    log: (await store.logs.streams(id))[0],
    chunks: (await store.logs.read(`${id}/runner`, 0, 1))[0],
    outputs: Object.keys(await store.outputs.all(id, 1))[0],
    pods: (await store.containers.list(id))[0],
    files: (await store.artifacts.list(id, 1))[0],
  };
  return Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [name]));
}
const all = ['record', 'log', 'chunks', 'outputs', 'pods', 'files'];

describe('after LOG_RETENTION_DAYS', () => {
  test('logs, files and outputs of a task are removed after LOG_RETENTION_DAYS, and its record tells so', async () => {
    const young = await ended(1, 29);
    const old = await ended(2, 31);
    await run();
    expect(await has(young)).toEqual(all);
    expect(await has(old)).toEqual(['record']);
    expect((await store.tasks.get(young.id))?.logsRemovedAt).toBeUndefined();
    expect((await store.tasks.get(old.id))?.logsRemovedAt).toBeInstanceOf(Date);
  });

  test('the log of a build is removed after the logs of all tasks that show it', async () => {
    const image = { id: 'greeter', image: 'greeter:1', repo: 'https://git.invalid/x.git', commit: 'c' };
    const [old, young] = [await ended(1, 31), await ended(2, 29)];
    for (const { id } of [old, young]) await store.builds.join(image, id);
    await store.builds.begin('greeter', 'run-1');
    await store.builds.project('greeter', { runId: 'run-1', epoch: 2 }, { state: 'success', finishedAt: daysAgo(31) });
    const stream = buildStream('greeter', 'run-1');
    await store.logs.open({ id: stream, taskId: 'greeter', attempt: 1, source: 'build' });
    await run();
    expect(await store.logs.streams('greeter')).toHaveLength(1);
    expect((await store.builds.get('greeter'))?.logsRemovedAt).toBeUndefined();
    await store.tasks.beginLogRemoval(young.id, now);
    await run();
    expect(await store.logs.streams('greeter')).toEqual([]);
    expect((await store.builds.get('greeter'))?.logsRemovedAt).toBeInstanceOf(Date);
  });

  test('LOG_RETENTION_DAYS of 0 keeps logs as long as their task', async () => {
    const old = await ended(1, 89);
    await run({ logDays: 0, taskDays: 90 });
    expect(await has(old)).toEqual(all);
    await run({ logDays: 0, taskDays: 88 });
    expect(await has(old)).toEqual([]);
  });
});

describe('after TASK_RETENTION_DAYS', () => {
  test('a task is removed after TASK_RETENTION_DAYS with all its data and the build that only it has joined', async () => {
    const image = { image: 'greeter:1', repo: 'https://git.invalid/x.git', commit: 'c' };
    const [old, young] = [await ended(1, 91), await ended(2, 10)];
    await store.builds.join({ id: 'own', ...image }, old.id);
    for (const { id } of [old, young]) await store.builds.join({ id: 'shared', ...image }, id);
    for (const id of ['own', 'shared']) {
      await store.builds.begin(id, 'run-1');
      await store.builds.project(id, { runId: 'run-1', epoch: 2 }, { state: 'success', finishedAt: daysAgo(91) });
    }
    await run();
    expect(await has(old)).toEqual([]);
    expect(await has(young)).toEqual(all);
    expect(await store.builds.get('own')).toBeUndefined();
    expect((await store.builds.get('shared'))?.taskIds).toEqual([young.id]);
  });

  test('a build without tasks is removed after TASK_RETENTION_DAYS', async () => {
    const image = { image: 'greeter:1', repo: 'https://git.invalid/x.git', commit: 'c' };
    for (const [id, days] of [
      ['old', 91],
      ['young', 89],
    ] as const) {
      await store.builds.join({ id, ...image }, 'a-task');
      await store.builds.begin(id, 'run-1');
      await store.builds.project(id, { runId: 'run-1', epoch: 2 }, { state: 'error', finishedAt: daysAgo(days) });
    }
    await store.builds.forgetTask('a-task');
    await run();
    expect(await store.builds.get('old')).toBeUndefined();
    expect(await store.builds.get('young')).toBeDefined();
  });

  test('a webhook is removed after TASK_RETENTION_DAYS unless it is pending or started a task on record', async () => {
    const kept = await ended(1, 100, {
      state: 'error',
      debts: [{ kind: 'network', name: 'n', uid: 'n', reason: 'busy' }],
    });
    const event = { event: 'push', summary: 'x', failures: 0 };
    const match = { jobId: 'old', jobName: 'old', matched: true, reason: 'it matches' };
    const received = async (
      id: string,
      days: number,
      taskId?: string,
      state: 'dispatched' | 'parked' = 'dispatched',
    ) => {
      await store.deliveries.insert({ id, state: 'received', matches: [], receivedAt: daysAgo(days), ...event });
      await store.deliveries.finish(id, { state, matches: [match] });
      if (taskId !== undefined) await store.deliveries.decide(id, 'old', { taskId, decision: 'started' });
    };
    await received('of-unknown', 91);
    await received('of-a-removed-task', 91, 'old-7');
    await received('of-a-task', 91, kept.id);
    await received('parked', 91, undefined, 'parked');
    await received('young', 89);
    await store.deliveries.insert({ id: 'waits', state: 'received', matches: [], receivedAt: daysAgo(91), ...event });
    await run();
    const left = await store.deliveries.list({}, { limit: 10 });
    expect(left.items.map(({ id }) => id).sort()).toEqual(['of-a-task', 'waits', 'young']);
  });

  test('the kept revisions of a deleted flow are removed with the last task that ran it', async () => {
    const flow = aFlow('flow', { updatedAt: now });
    await store.flows.insert(flow);
    const next = { ...flow, revision: 2 };
    await store.flows.replace(flow, next);
    await ended(1, 91, { testFlowId: 'flow', flowRevision: 1 });
    await ended(2, 50, { testFlowId: 'flow', flowRevision: 2 });
    await deleteFlow(store, 'flow');
    await run();
    expect((await store.flows.revisions('flow')).map(({ revision }) => revision)).toEqual([2, 1]);
    await run({ logDays: 30, taskDays: 49 });
    expect(await store.flows.revisions('flow')).toEqual([]);
  });

  test('TASK_RETENTION_DAYS of 0 removes nothing but logs', async () => {
    const old = await ended(1, 4000);
    await run({ logDays: 30, taskDays: 0 });
    expect(await has(old)).toEqual(['record']);
  });
});

describe('data that is never removed', () => {
  test('an old task that has not ended is kept', async () => {
    const times = { requestedAt: daysAgo(400), startedAt: daysAgo(400) };
    const tasks = await Promise.all(
      (['init', 'building', 'running'] as const).map((state, n) => ended(n + 1, 400, { state, times })),
    );
    await run();
    for (const task of tasks) expect(await has(task)).toEqual(all);
  });

  test('a task with undeleted objects is kept until they are deleted', async () => {
    const task = await ended(1, 400, { debts: [{ kind: 'container', name: 'c', uid: 'c', reason: 'busy' }] });
    await run();
    expect(await has(task)).toEqual(all);
    await store.tasks.setUndeletedObjects(task.id, []);
    await run();
    expect(await has(task)).toEqual([]);
  });

  test('a task whose workflow runs again is kept, although its record is that of the earlier run', async () => {
    const task = await ended(1, 400);
    running.add(task.id);
    await run();
    expect(await has(task)).toEqual(all);
  });

  test('a task that runs again has retained logs again', async () => {
    const task = await ended(1, 40);
    await run();
    await store.tasks.project(task.id, { runId: 'run-2', epoch: 1 }, { state: 'running' }, { takeOver: true });
    expect((await store.tasks.get(task.id))?.logsRemovedAt).toBeUndefined();
  });
});

describe('an interrupted removal', () => {
  /** Returns a store that crashes at the n-th removal of a file. */
  const crashing = (nth: number): Partial<RemoveExpiredPorts> => {
    let calls = 0;
    const artifacts = {
      ...store.artifacts,
      async delete(...args: Parameters<Store['artifacts']['delete']>) {
        calls += 1;
        if (calls === nth) throw new Error('killed');
        await store.artifacts.delete(...args);
      },
    };
    return { artifacts };
  };

  test('an interrupted removal of logs is resumed, and the record says from the beginning that they are removed', async () => {
    const tasks = [await ended(1, 31), await ended(2, 31), await ended(3, 31)];
    await expect(run(keep, crashing(2))).rejects.toThrow('killed');
    const broken = await Promise.all(
      tasks.map(async (task) => [await has(task), await store.tasks.get(task.id)] as const),
    );
    const [, record] = broken.find(([parts]) => parts.includes('files') && !parts.includes('log')) ?? [];
    expect(record?.logsRemovedAt).toBeInstanceOf(Date);
    await run();
    for (const task of tasks) expect(await has(task)).toEqual(['record']);
    const again = await store.tasks.get(record?.id ?? '');
    expect(again?.logsRemovedAt).toEqual(record?.logsRemovedAt);
  });

  test('an interrupted removal of tasks is resumed', async () => {
    const tasks = [await ended(1, 91), await ended(2, 91), await ended(3, 91)];
    await expect(run(keep, crashing(2))).rejects.toThrow('killed');
    await run();
    for (const task of tasks) expect(await has(task)).toEqual([]);
  });
});

test('one of several workers removes expired data, and again after ten minutes, or at once if there is more', async () => {
  let looks = 0;
  const expired = async (before: Date, limit: number) => {
    looks += 1;
    return store.tasks.expired(before, limit);
  };
  const { retentionLease } = store;
  const look = () => run(keep, { retentionLease, tasks: { ...store.tasks, expired } });
  for (let n = 1; n <= 60; n += 1) {
    const times = { requestedAt: daysAgo(91), settledAt: daysAgo(91) };
    await store.tasks.open(aTask('due', n, { state: 'success', times }), () => `due${n}`);
  }
  await Promise.all([look(), look(), look()]);
  expect(looks).toBe(1);
  await look();
  await look();
  expect(looks).toBe(2);
  expect((await store.tasks.list({ jobId: 'due' }, { limit: 1 })).items).toEqual([]);
});

test('a hundred expired tasks are removed in batches, none of them twice', async () => {
  for (let n = 1; n <= 100; n += 1) {
    const times = { requestedAt: daysAgo(91), settledAt: daysAgo(91) };
    await store.tasks.open(aTask('many', n, { state: 'success', times }), () => `many${n}`);
  }
  const left = async () => (await store.tasks.list({ jobId: 'many' }, { limit: 200 })).items.length;
  await run();
  expect(await left()).toBe(50);
  await run();
  expect(await left()).toBe(0);
});
