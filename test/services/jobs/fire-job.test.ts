import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Job } from '../../../src/model/job.ts';
import type { JobStore } from '../../../src/model/ports/jobs.ts';
import type { Orchestrator } from '../../../src/model/ports/orchestrator.ts';
import { fireJob } from '../../../src/services/jobs/fire-job.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';

/** Fires a schedule for each of these times, and returns those at which its job was triggered. */
async function fired(job: Partial<Job> | undefined, times: readonly string[]): Promise<string[]> {
  const triggered: string[] = [];
  const jobs = { get: async (id: string) => job && aJob(id, job) } as JobStore;
  const orchestrator = {
    triggerJob: async (_job, { key }) => void triggered.push(key.replace('schedule/', '')),
  } as Partial<Orchestrator> as Orchestrator;
  for (const at of times) await fireJob({ jobs, orchestrator, log: pino({ level: 'silent' }) }, 'job', at);
  return triggered;
}

const daily = { jobType: 'cron_job', cronExpression: '30 1 * * *', timezone: 'America/New_York' } as const;

test('a daily job is triggered once on the day on which its time occurs twice', async () => {
  const times = ['2027-11-07T05:30:00.000Z', '2027-11-07T06:30:00.000Z', '2027-11-08T06:30:00.000Z'];
  expect(await fired(daily, times)).toEqual([times[0], times[2]]);
});

test('a job is triggered when a user triggers its schedule, also on the day of a clock change', async () => {
  const times = ['2027-11-07T06:30:01.000Z', '2027-06-07T12:00:00.000Z'];
  expect(await fired(daily, times)).toEqual(times);
});

test('a job with an expression that only an earlier release accepted is triggered whenever its schedule fires', async () => {
  const times = ['2027-11-07T05:30:00.000Z'];
  expect(await fired({ ...daily, cronExpression: '30 1 * * fri-mon' }, times)).toEqual(times);
});

test('a schedule of a missing or non-cron job triggers nothing', async () => {
  expect(await fired(undefined, ['2027-11-07T05:30:00.000Z'])).toEqual([]);
  expect(await fired({ jobType: 'manual' }, ['2027-11-07T05:30:00.000Z'])).toEqual([]);
});
