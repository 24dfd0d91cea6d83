import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Runtime } from '../../../src/model/engine/runtime.ts';
import type { Task, UndeletedObject } from '../../../src/model/task.ts';
import { removeLeftovers } from '../../../src/services/tasks/remove-leftovers.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let count = 0;
let cleaned: string[];
let existing: string[];
let undeleted: UndeletedObject[];

beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(() => {
  [cleaned, existing, undeleted] = [[], [], []];
});

const runtime = {
  listAllObjects: async () => existing.map((testid) => ({ labels: { testid } })),
  cleanup: async ({ testId }: { testId: string }) => {
    cleaned.push(testId);
    return undeleted;
  },
} as unknown as Runtime;
const busyContainer = { kind: 'container', name: 'x', uid: 'x', reason: 'device busy' };
const ended = new Date('2026-11-24T10:00:00Z');
const minutesLater = (minutes: number): number => ended.getTime() + minutes * 60_000;

async function task(more: Partial<Task>): Promise<Task> {
  count += 1;
  const times = { requestedAt: ended, settledAt: ended };
  return opened.store.tasks.open(aTask('tidy', count, { times, ...more }), () => `tidy${count}`);
}

const run = (minutes: number) => {
  const ports = { tasks: opened.store.tasks, runtime, log: pino({ level: 'silent' }) };
  return removeLeftovers(ports, new AbortController().signal, minutesLater(minutes));
};
const debtsOf = async ({ id }: Task) => (await opened.store.tasks.get(id))?.debts;

test('an undeleted object stays on record with its newest reason until it can be removed', async () => {
  const unfinished = await task({ state: 'success', debts: [busyContainer] });
  undeleted = [{ ...busyContainer, reason: 'device still busy' }];
  await run(1);
  expect(await debtsOf(unfinished)).toEqual(undeleted);
  undeleted = [];
  await run(2);
  expect(await debtsOf(unfinished)).toEqual([]);
  await run(3);
  expect(cleaned).toEqual([unfinished.testId, unfinished.testId]);
});

test('objects of a settled task are removed five minutes after its end', async () => {
  const settled = await task({ state: 'canceled' });
  existing = [settled.testId];
  await run(4);
  expect(cleaned).toEqual([]);
  await run(6);
  expect(cleaned).toEqual([settled.testId]);
});

test('objects of running tasks and of other installations are kept', async () => {
  const running = await task({ state: 'running', times: { requestedAt: ended } });
  existing = [running.testId, 'of-another-copy'];
  await run(600);
  expect(cleaned).toEqual([]);
});
