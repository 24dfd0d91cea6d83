import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSchedules } from '../../../src/adapters/temporal/schedules.ts';
import type { Job } from '../../../src/model/job.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';
import { createHarness, type Harness } from '../../support/workflows/harness.ts';
import { until } from '../../support/workflows/until.ts';

let harness: Harness;
const fired: { jobId: string; nominalAt: string }[] = [];

beforeAll(async () => {
  harness = await createHarness();
  harness.use({ fireJob: async (input) => void fired.push(input) });
});
afterAll(() => harness.close());

const cron = (id: string, more: Partial<Job> = {}) =>
  aJob(id, { jobType: 'cron_job', cronExpression: '0 3 1 1 *', ...more });

describe('the schedule of a cron job', () => {
  test('is created, found equal, and updated when the job changes, and keeps its pause', async () => {
    const schedules = createSchedules(harness.client);
    expect(await schedules.ensure(cron('repaired'))).toBe('created');
    expect(await schedules.ensure(cron('repaired'))).toBe('unchanged');
    await schedules.pause('repaired', 'paused by ann');
    expect(await schedules.ensure(cron('repaired', { cronExpression: '30 4 1 2 *' }))).toBe('updated');
    const state = await schedules.describe('repaired');
    expect(state).toMatchObject({ paused: true, note: 'paused by ann' });
    const { nextActionTimes } = (await harness.client.schedule.getHandle('cron/repaired').describe()).info;
    expect(nextActionTimes[0]?.toISOString()).toMatch(/-02-01T04:30:00.000Z$/);
    await schedules.resume('repaired', 'resumed by ann');
    expect(await schedules.describe('repaired')).toMatchObject({ paused: false, note: 'resumed by ann' });
    await schedules.remove('repaired');
    expect(await schedules.describe('repaired')).toBeUndefined();
    await schedules.remove('repaired');
    expect(await schedules.pause('repaired', 'paused by ann')).toBe(false);
    expect(await schedules.resume('repaired', 'resumed by ann')).toBe(false);
  });

  test('is created paused when the job is paused', async () => {
    const schedules = createSchedules(harness.client);
    await schedules.ensure(cron('born', { pause: { by: 'bob', note: 'not yet', at: new Date() } }));
    expect(await schedules.describe('born')).toMatchObject({ paused: true, note: 'paused by bob: not yet' });
  });

  test('fires its job with the nominal time, also when a user triggers it', async () => {
    const schedules = createSchedules(harness.client);
    await schedules.ensure(cron('fired'));
    await harness.client.schedule.getHandle('cron/fired').trigger();
    const { nominalAt } = await until(() => fired.find(({ jobId }) => jobId === 'fired'));
    expect(nominalAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    const past = new Date('2026-01-01T03:00:00Z');
    await harness.client.schedule
      .getHandle('cron/fired')
      .backfill({ start: new Date(past.getTime() - 1000), end: new Date(past.getTime() + 1000) });
    await until(() => fired.find((one) => one.jobId === 'fired' && one.nominalAt === past.toISOString()));
  });

  test('fires on either day when day of month and day of week are both given, as cron does', async () => {
    const schedules = createSchedules(harness.client);
    await schedules.ensure(cron('either', { cronExpression: '0 12 13 * 5' }));
    const next = (await harness.client.schedule.getHandle('cron/either').describe()).info.nextActionTimes;
    expect(next).toHaveLength(10);
    for (const at of next) expect(at.getUTCDate() === 13 || at.getUTCDay() === 5).toBe(true);
    expect(next.some((at) => at.getUTCDay() !== 5)).toBe(true);
    expect(next.some((at) => at.getUTCDate() !== 13)).toBe(true);
  });

  test('is repaired when an earlier release made it, and is moved on when it is exact only for an earlier period', async () => {
    const schedules = createSchedules(harness.client);
    const job = cron('earlier', { cronExpression: '30 2 * * *', timezone: 'Europe/Berlin' });
    const { handle, options } = {
      handle: harness.client.schedule.getHandle('cron/earlier'),
      options: { jobId: job.id },
    };
    await harness.client.schedule.create({
      scheduleId: handle.scheduleId,
      spec: { cronExpressions: ['30 2 * * *'], timezone: 'Europe/Berlin' },
      action: { type: 'startWorkflow', workflowType: 'fire', taskQueue: 'brightbird', args: [options] },
    });
    expect(await schedules.ensure(job)).toBe('updated');
    const { spec, action } = await handle.describe();
    expect(spec.intervals?.length).toBeGreaterThan(0);
    if (action.type !== 'startWorkflow') throw new Error('not a workflow');
    const [made] = action.args as [object];
    await handle.update((previous) => ({ ...previous, action: { ...action, args: [{ ...made, single: 'other' }] } }));
    expect(await schedules.ensure(job)).toBe('refreshed');
    expect(await schedules.ensure(job)).toBe('unchanged');
  });

  test('is listed', async () => {
    const schedules = createSchedules(harness.client);
    await schedules.ensure(cron('listed'));
    await until(async () => (await schedules.list()).includes('listed'));
  });
});
