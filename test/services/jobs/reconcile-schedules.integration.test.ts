import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Job } from '../../../src/model/job.ts';
import type { Orchestrator } from '../../../src/model/ports/orchestrator.ts';
import type { Schedules } from '../../../src/model/ports/schedules.ts';
import { reconcileSchedules } from '../../../src/services/jobs/reconcile-schedules.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let made: Map<string, string>;
let deleted: string[];

beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
beforeEach(async () => {
  for (const { id } of await opened.store.jobs.all()) await opened.store.jobs.delete(id);
  for (const id of await opened.store.jobs.deleting()) await opened.store.jobs.delete(id);
  made = new Map();
  deleted = [];
});

const cron = (id: string, more: Partial<Job> = {}): Job =>
  aJob(id, { jobType: 'cron_job', cronExpression: '0 3 * * *', ...more });

/** Schedules in memory: the spec of each, by job. */
const schedules = {
  async ensure({ id, cronExpression = '' }) {
    if (id === 'broken') throw new Error('Temporal does not take it');
    const before = made.get(id);
    made.set(id, cronExpression);
    if (before === cronExpression) return id === 'later' ? 'refreshed' : 'unchanged';
    return before === undefined ? 'created' : 'updated';
  },
  remove: async (id) => void made.delete(id),
  list: async () => [...made.keys()],
  describe: async (id) =>
    made.has(id) ? { paused: false, createdAt: new Date(id === 'new' ? Date.now() : 0) } : undefined,
} as Schedules;

function run() {
  const orchestrator = { deleteJob: async (id: string) => void deleted.push(id) } as unknown as Orchestrator;
  return reconcileSchedules({ jobs: opened.store.jobs, schedules, orchestrator, log: pino({ level: 'silent' }) });
}

test('a deleted or differing schedule is repaired with an event of its job, and an equal one stays unchanged', async () => {
  const { jobs } = opened.store;
  await jobs.insert(cron('gone'));
  await jobs.insert(cron('other'));
  await jobs.insert(cron('same'));
  made.set('other', '30 4 * * *').set('same', '0 3 * * *');
  expect(await run()).toMatchObject({ repaired: ['gone', 'other'], removed: [], broken: [] });
  expect(Object.fromEntries(made)).toEqual({ gone: '0 3 * * *', other: '0 3 * * *', same: '0 3 * * *' });
  expect((await jobs.get('gone'))?.events.map(({ message }) => message)).toEqual([
    'its schedule was missing and was re-created',
  ]);
  expect((await jobs.get('other'))?.events.map(({ message }) => message)).toEqual([
    'its schedule differed and was repaired',
  ]);
  expect((await jobs.get('same'))?.events).toEqual([]);
  expect(await run()).toMatchObject({ repaired: [], removed: [] });
});

test('a schedule is removed when its job is gone, has another type or is being deleted', async () => {
  const { jobs } = opened.store;
  await jobs.insert(aJob('manual'));
  await jobs.insert(cron('leaving'));
  await jobs.markDeleting('leaving');
  for (const id of ['stray', 'manual', 'leaving']) made.set(id, '0 3 * * *');
  expect((await run()).removed.sort()).toEqual(['leaving', 'manual', 'stray']);
  expect([...made.keys()]).toEqual([]);
});

test('a new schedule without a job is kept, as its job is about to be recorded', async () => {
  made.set('new', '0 3 * * *');
  expect((await run()).removed).toEqual([]);
  expect([...made.keys()]).toEqual(['new']);
});

test('moving a schedule to a later period adds no event to its job', async () => {
  const { jobs } = opened.store;
  await jobs.insert(cron('later'));
  made.set('later', '0 3 * * *');
  expect(await run()).toMatchObject({ repaired: [], broken: [] });
  expect((await jobs.get('later'))?.events).toEqual([]);
});

test('a broken job is reported with the reason and does not stop the others', async () => {
  const { jobs } = opened.store;
  await jobs.insert(cron('broken'));
  await jobs.insert(cron('fine'));
  expect(await run()).toMatchObject({
    repaired: ['fine'],
    broken: [{ jobId: 'broken', reason: 'Temporal does not take it' }],
  });
});

test('an interrupted deletion continues', async () => {
  const { jobs } = opened.store;
  await jobs.insert(aJob('half'));
  await jobs.markDeleting('half');
  await run();
  expect(deleted).toEqual(['half']);
});

test('a job keeps its newest 20 events', async () => {
  const { jobs } = opened.store;
  await jobs.insert(aJob('eventful'));
  for (let n = 1; n <= 25; n += 1) await jobs.addEvent('eventful', { at: new Date(n), message: `event ${n}` });
  const messages = (await jobs.get('eventful'))?.events.map(({ message }) => message);
  expect(messages).toHaveLength(20);
  expect([messages?.[0], messages?.at(-1)]).toEqual(['event 6', 'event 25']);
});
