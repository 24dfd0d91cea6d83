import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskAttempt } from '../../src/model/attempt.ts';
import type { Task } from '../../src/model/task.ts';
import type { Store } from '../../src/store/connect.ts';
import { openStore, type TestStore } from './open-store.ts';
import { aTask } from './records.ts';

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
  test('records it as it is, whatever its keys are', async () => {
    const odd = { 'a.b': { $where: '1', 'x\0': null }, deep: [{ $set: { 'c.d': 1 } }] };
    const task = await fresh({
      pipeline: [{ instance: 'say', plugin: 'my.plugin', version: 'v1.0.0', input: odd }],
      versions: { 'my.plugin': 'main' },
      commits: { 'my.plugin': 'a'.repeat(40) },
      globals: { 'log.level': 'DEBUG', $x: 1 },
    });
    expect(await tasks.get(task.id)).toEqual(task);
  });

  test('twice gives what the first one recorded', async () => {
    const first = await fresh();
    const again = await tasks.open({ ...first, name: 'another' }, () => 'unused');
    expect(again).toEqual(first);
  });

  test('gives eight tasks testIds of their own, although all begin with the same candidates', async () => {
    const opening = Array.from({ length: 8 }, (_, n) => tasks.open(aTask('salted', n + 1), (salt) => `same-${salt}`));
    const testIds = (await Promise.all(opening)).map(({ testId }) => testId);
    expect(new Set(testIds).size).toBe(8);
  });

  test('fails when no candidate is free, and records nothing', async () => {
    await fresh({});
    await tasks.open(aTask('taken', 1), () => 'only-one');
    await expect(tasks.open(aTask('taken', 2), () => 'only-one')).rejects.toThrow(/no unused testId/);
    expect(await tasks.get('taken-2')).toBeUndefined();
  });
});

describe('projecting a task', () => {
  test('writes given fields and keeps others; times are merged one by one', async () => {
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

  test('removes what is no more, and keeps each attempt by its number', async () => {
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

  test('by an equal or older epoch of the same run writes nothing, so that a settled task stays settled', async () => {
    const { id } = await fresh();
    await tasks.project(id, { runId: 'run-1', epoch: 5 }, { state: 'success' });
    expect(await tasks.project(id, { runId: 'run-1', epoch: 4 }, { state: 'running' })).toBe(false);
    expect(await tasks.project(id, { runId: 'run-1', epoch: 5 }, { state: 'running' })).toBe(false);
    expect((await tasks.get(id))?.state).toBe('success');
  });

  test('by twenty writers at once ends with the newest epoch', async () => {
    const { id } = await fresh();
    const epochs = Array.from({ length: 20 }, (_, n) => n + 1).sort((a, b) => (a % 7) - (b % 7));
    await Promise.all(
      epochs.map((epoch) => tasks.project(id, { runId: 'run-1', epoch }, { reason: `epoch ${epoch}` })),
    );
    expect((await tasks.get(id))?.reason).toBe('epoch 20');
  });

  test('by another run writes only when it takes over; the run that lost the record then writes nothing more', async () => {
    const { id } = await fresh();
    await tasks.project(id, { runId: 'run-1', epoch: 9 }, { state: 'running' });
    expect(await tasks.project(id, { runId: 'run-2', epoch: 1 }, { state: 'building' })).toBe(false);
    expect((await tasks.get(id))?.state).toBe('running');
    expect(await tasks.project(id, { runId: 'run-2', epoch: 1 }, { state: 'building' }, { takeOver: true })).toBe(true);
    expect(await tasks.project(id, { runId: 'run-1', epoch: 10 }, { state: 'error' })).toBe(false);
    expect(await tasks.get(id)).toMatchObject({ state: 'building', runId: 'run-2' });
  });

  test('of a task that has no record writes nothing and makes none', async () => {
    const writer = { runId: 'run-1', epoch: 1 };
    expect(await tasks.project('nobody-1', writer, { state: 'running' }, { takeOver: true })).toBe(false);
    expect(await tasks.get('nobody-1')).toBeUndefined();
  });
});

test('who asked first for a stop stays on record', async () => {
  const { id } = await fresh();
  const stop = { by: 'ann', reason: 'not needed', at: new Date('2026-11-01T10:00:00Z') };
  await tasks.recordStop(id, stop);
  await tasks.recordStop(id, { by: 'bob', at: new Date() });
  expect((await tasks.get(id))?.stop).toEqual(stop);
});
