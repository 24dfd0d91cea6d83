import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store } from '../../../src/adapters/mongodb/connect.ts';
import type { TaskAttempt } from '../../../src/model/attempt.ts';
import type { TaskStart } from '../../../src/model/ports/accepted-tasks.ts';
import type { Task } from '../../../src/model/task.ts';
import type { RecordedWait } from '../../../src/model/waiting.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let tasks: Store['tasks'];
let count = 0;
beforeAll(async () => {
  opened = await openStore();
  tasks = opened.store.tasks;
});
afterAll(() => opened.close());

const fresh = async (more: Partial<Task> = {}): Promise<Task> => {
  count += 1;
  return tasks.open(aTask('p', count, more), (n) => `salt-${count}-${n}`);
};

describe('opening a task', () => {
  test('records a task as it is, whatever its keys are', async () => {
    const odd = { 'a.b': { $where: '1', 'x\0': null }, deep: [{ $set: { 'c.d': 1 } }] };
    const task = await fresh({
      pipeline: [{ instance: 'say', plugin: 'my.plugin', version: 'v1.0.0', input: odd }],
      versions: { 'my.plugin': 'main' },
      commits: { 'my.plugin': 'a'.repeat(40) },
      globals: { 'log.level': 'DEBUG', $x: 1 },
    });
    const steps = [{ instance: 'say', state: 'pending' }];
    expect(await tasks.get(task.id)).toEqual({ ...task, steps });
  });

  test('returns the recorded task when it is opened twice', async () => {
    const first = await fresh();
    const again = await tasks.open({ ...first, name: 'another' }, () => 'unused');
    expect(again).toEqual(first);
  });

  test('gives eight concurrent tasks distinct testIds, although their candidates are the same', async () => {
    const opening = Array.from({ length: 8 }, (_, n) => tasks.open(aTask('salted', n + 1), (salt) => `same-${salt}`));
    const testIds = (await Promise.all(opening)).map(({ testId }) => testId);
    expect(new Set(testIds).size).toBe(8);
  });

  test('fails without a record when all candidates for the testId are taken', async () => {
    await fresh({});
    await tasks.open(aTask('taken', 1), () => 'only-one');
    await expect(tasks.open(aTask('taken', 2), () => 'only-one')).rejects.toThrow(/no unused testId/);
    expect(await tasks.get('taken-2')).toBeUndefined();
  });
});

describe('projecting a task', () => {
  test('writes the given fields of a task, keeps others, and merges times one by one', async () => {
    const { id, times } = await fresh({ reason: 'waiting' });
    const startedAt = new Date('2026-11-01T11:00:00Z');
    const settledAt = new Date('2026-11-01T12:00:00Z');
    expect(await tasks.project(id, { runId: 'run-1', epoch: 1 }, { state: 'running', times: { startedAt } })).toBe(
      true,
    );
    const patch = { state: 'success' as const, outcome: undefined, commits: { 'a.b': 'c' }, times: { settledAt } };
    expect(await tasks.project(id, { runId: 'run-1', epoch: 2 }, patch)).toBe(true);
    const task = await tasks.get(id);
    expect(task).toMatchObject({ state: 'success', reason: 'waiting', commits: { 'a.b': 'c' } });
    expect(task?.times).toEqual({ ...times, startedAt, settledAt });
    expect(task).not.toHaveProperty('epoch');
  });

  test('removes fields of a task that are null, and keeps each attempt by its number', async () => {
    const task = await opened.store.tasks.open(aTask('attempts', 1, { heldUntil: new Date(0) }), () => 'attempts');
    const one: TaskAttempt = { attempt: 1, state: 'error', outcome: 'test', steps: [], startedAt: 'a', endedAt: 'b' };
    const two: TaskAttempt = { attempt: 2, state: 'running', input: { 'a.b': { $ref: 1 } }, steps: [], startedAt: 'c' };
    await opened.store.tasks.project(
      task.id,
      { runId: 'run-1', epoch: 1 },
      { state: 'held', outcome: 'test', attempts: [one] },
    );
    const patch = { state: 'running', outcome: null, heldUntil: null } as const;
    await opened.store.tasks.project(task.id, { runId: 'run-1', epoch: 2 }, { ...patch, attempts: [two] });
    const stored = await opened.store.tasks.get(task.id);
    expect(stored).toMatchObject({ state: 'running', attempts: [one, two] });
    expect(stored).not.toHaveProperty('outcome');
    expect(stored).not.toHaveProperty('heldUntil');
    const { items } = await opened.store.tasks.list({ jobId: 'attempts' }, { limit: 1 });
    expect(items[0]).not.toHaveProperty('attempts');
  });

  test('ignores a projection with an equal or older epoch of the same run', async () => {
    const { id } = await fresh();
    await tasks.project(id, { runId: 'run-1', epoch: 5 }, { state: 'success' });
    expect(await tasks.project(id, { runId: 'run-1', epoch: 4 }, { state: 'running' })).toBe(false);
    expect(await tasks.project(id, { runId: 'run-1', epoch: 5 }, { state: 'running' })).toBe(false);
    expect((await tasks.get(id))?.state).toBe('success');
  });

  test('keeps the newest epoch of twenty concurrent projections', async () => {
    const { id } = await fresh();
    const epochs = Array.from({ length: 20 }, (_, n) => n + 1).sort((a, b) => (a % 7) - (b % 7));
    await Promise.all(
      epochs.map((epoch) => tasks.project(id, { runId: 'run-1', epoch }, { reason: `epoch ${epoch}` })),
    );
    expect((await tasks.get(id))?.reason).toBe('epoch 20');
  });

  test('lets another run write only when it takes over, and then ignores the previous run', async () => {
    const { id } = await fresh();
    await tasks.project(id, { runId: 'run-1', epoch: 9 }, { state: 'running' });
    expect(await tasks.project(id, { runId: 'run-2', epoch: 1 }, { state: 'building' })).toBe(false);
    expect((await tasks.get(id))?.state).toBe('running');
    expect(await tasks.project(id, { runId: 'run-2', epoch: 1 }, { state: 'building' }, { takeOver: true })).toBe(true);
    expect(await tasks.project(id, { runId: 'run-1', epoch: 10 }, { state: 'error' })).toBe(false);
    expect(await tasks.get(id)).toMatchObject({ state: 'building', runId: 'run-2' });
  });

  test('creates no record when it projects a task without one', async () => {
    const writer = { runId: 'run-1', epoch: 1 };
    expect(await tasks.project('missing-1', writer, { state: 'running' }, { takeOver: true })).toBe(false);
    expect(await tasks.get('missing-1')).toBeUndefined();
  });
});

test('keeps the first request to stop a task', async () => {
  const { id } = await fresh();
  const stop = { by: 'ann', reason: 'not needed', at: new Date('2026-11-01T10:00:00Z') };
  await tasks.recordStop(id, stop);
  await tasks.recordStop(id, { by: 'bob', at: new Date() });
  expect((await tasks.get(id))?.stop).toEqual(stop);
});

describe('waits of a task', () => {
  const since = '2026-11-30T10:00:00.000Z';
  const wait: RecordedWait = { reason: 'image_pull', message: 'pulling', since, source: 'runner' };
  const pod = { name: 'test-runner-ab', uid: 'u', role: 'runner' as const };
  const waitingOf = async (id: string) => (await tasks.get(id))?.waiting;

  test('shows a wait in the task and in lists, without its pod, until it ends', async () => {
    const task = await fresh({ state: 'running', runId: 'run-1' });
    const writer = { runId: 'run-1', attempt: 1 };
    expect(await tasks.recordWaits(task.id, writer, [{ ...wait, pod }])).toBe(true);
    expect(await waitingOf(task.id)).toEqual(wait);
    expect(await tasks.waits(task.id)).toEqual({ attempt: 1, waits: [{ ...wait, pod }] });
    const { items } = await tasks.list({ jobId: 'p' }, { limit: 200 });
    expect(items.find(({ id }) => id === task.id)?.waiting).toEqual(wait);
    expect(await tasks.recordWaits(task.id, writer, [])).toBe(true);
    expect(await tasks.get(task.id)).toEqual(task);
  });

  test('accepts waits only of the current run and the newest attempt', async () => {
    const { id } = await fresh({ state: 'running', runId: 'run-2' });
    expect(await tasks.recordWaits(id, { runId: 'run-1', attempt: 9 }, [wait])).toBe(false);
    // While the runner of the next attempt is created, the record has the previous attempt.
    expect(await tasks.recordWaits(id, { runId: 'run-2', attempt: 2 }, [wait])).toBe(true);
    expect(await tasks.recordWaits(id, { runId: 'run-2', attempt: 1 }, [])).toBe(false);
    expect(await waitingOf(id)).toEqual(wait);
    await tasks.project(id, { runId: 'run-2', epoch: 5 }, { attempt: 3 });
    expect(await waitingOf(id)).toBeUndefined();
    expect(await tasks.recordWaits(id, { runId: 'run-2', attempt: 2 }, [wait])).toBe(false);
  });

  test('hides the wait of a run before a reset once the next run has taken over', async () => {
    const { id } = await fresh({ state: 'running', runId: 'run-1' });
    await tasks.recordWaits(id, { runId: 'run-1', attempt: 1 }, [wait]);
    await tasks.project(id, { runId: 'run-2', epoch: 1 }, { state: 'running' }, { takeOver: true });
    expect(await waitingOf(id)).toBeUndefined();
    expect(await tasks.recordWaits(id, { runId: 'run-2', attempt: 1 }, [wait])).toBe(true);
    expect(await waitingOf(id)).toEqual(wait);
  });

  test('removes the waits of a settled task, even when it runs again', async () => {
    const { id } = await fresh({ state: 'running', runId: 'run-1' });
    await tasks.recordWaits(id, { runId: 'run-1', attempt: 1 }, [wait]);
    await tasks.project(id, { runId: 'run-1', epoch: 1 }, { state: 'error' });
    expect(await tasks.recordWaits(id, { runId: 'run-1', attempt: 1 }, [wait])).toBe(false);
    await tasks.project(id, { runId: 'run-1', epoch: 2 }, { state: 'init' });
    expect(await waitingOf(id)).toBeUndefined();
  });

  test('shows that an accepted task waits for a worker, then for an earlier task of its job', async () => {
    const at = new Date(since);
    const start = { id: 's', jobId: 'p', at, request: {} as TaskStart['request'] };
    const accepted = aTask('accepted', 1);
    await tasks.accept(accepted, () => 'accepted', start);
    expect(await waitingOf(accepted.id)).toEqual({
      reason: 'no_worker',
      message: 'waits for a worker to start it',
      since,
    });
    const reason = 'waits until accepted-0 has ended';
    await tasks.claim(accepted.id, 's', { workflowId: 'w', runId: 'run-1', at, reason });
    expect(await waitingOf(accepted.id)).toEqual({ reason: 'earlier_task', message: reason, since });
    await tasks.project(accepted.id, { runId: 'run-1', epoch: 1 }, { reason: null });
    expect(await waitingOf(accepted.id)).toBeUndefined();
  });
});
