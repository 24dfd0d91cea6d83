import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import type { CleanupDebt, Task } from '../../../src/model/task.ts';
import { tidyUp } from '../../../src/services/tasks/tidy-up.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let count = 0;
let cleaned: string[];
let there: string[];
let left: CleanupDebt[];

beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  [cleaned, there, left] = [[], [], []];
});

const runtime = {
  everything: async () => there.map((testid) => ({ labels: { testid } })),
  cleanup: async ({ testId }: { testId: string }) => {
    cleaned.push(testId);
    return left;
  },
} as unknown as Runtime;
const debt = { kind: 'container', name: 'x', uid: 'x', reason: 'device busy' };
const ended = new Date('2026-11-24T10:00:00Z');
const minutesLater = (minutes: number): number => ended.getTime() + minutes * 60_000;

async function task(more: Partial<Task>): Promise<Task> {
  count += 1;
  const times = { requestedAt: ended, settledAt: ended };
  return opened.store.tasks.open(aTask('tidy', count, { times, ...more }), () => `tidy${count}`);
}

const run = (minutes: number) => {
  const ports = { tasks: opened.store.tasks, runtime, log: pino({ level: 'silent' }) };
  return tidyUp(ports, new AbortController().signal, minutesLater(minutes));
};
const debtsOf = async ({ id }: Task) => (await opened.store.tasks.get(id))?.debts;

test('a debt is paid once the object can be removed, and stays with its newest reason until then', async () => {
  const indebted = await task({ state: 'success', debts: [debt] });
  left = [{ ...debt, reason: 'device still busy' }];
  await run(1);
  expect(await debtsOf(indebted)).toEqual(left);
  left = [];
  await run(2);
  expect(await debtsOf(indebted)).toEqual([]);
  await run(3);
  expect(cleaned).toEqual([indebted.testId, indebted.testId]);
});

test('what a settled task still has is removed after five minutes, by which all that was under way has come to light', async () => {
  const settled = await task({ state: 'canceled' });
  there = [settled.testId];
  await run(4);
  expect(cleaned).toEqual([]);
  await run(6);
  expect(cleaned).toEqual([settled.testId]);
});

test('a task that runs keeps what it has, and so does a task of somebody else', async () => {
  const running = await task({ state: 'running', times: { requestedAt: ended } });
  there = [running.testId, 'of-another-copy'];
  await run(600);
  expect(cleaned).toEqual([]);
});
