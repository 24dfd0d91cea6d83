import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, ScheduleAlreadyRunning } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import Long from 'long';
import { horizonAt, scheduleSpec } from '../../../src/adapters/temporal/schedule-spec.ts';
import { createSchedules } from '../../../src/adapters/temporal/schedules.ts';
import { parseCron } from '../../../src/model/cron/cron.ts';
import { isStrayTime, uncertainPeriods } from '../../../src/model/cron/cron-times.ts';
import { timezoneNames } from '../../../src/model/cron/timezone-names.ts';
import { type Job, saveJobSchema } from '../../../src/model/job.ts';
import { cronIssues, timezoneIssues } from '../../../src/services/jobs/check-cron.ts';
import { aJob } from '../../support/adapters/mongodb/records.ts';
import { connectTemporal } from '../../support/jest/connect-temporal.ts';
import {
  oracleExpressions,
  oracleZones,
  simulateCron,
  spansOf,
  threeYears,
} from '../../support/model/cron/cron-oracle.ts';

let client: Client;
beforeAll(async () => {
  const connection = await connectTemporal();
  const namespace = `schedules-${randomBytes(4).toString('hex')}`;
  const workflowExecutionRetentionPeriod = { seconds: Long.fromNumber(24 * 3600) };
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  client = new Client({ connection, namespace });
});
afterAll(() => client.connection.close());

const cron = (id: string, cronExpression: string, timezone = 'UTC'): Job =>
  aJob(id, { jobType: 'cron_job', cronExpression, timezone });

/**
 * Returns the jobs that the server rejects, with its reason. It checks a schedule before it looks for one with the same id, so
 * all have the id of one that is there: nothing has to be created and removed a thousand times.
 */
async function refused(jobs: readonly Job[]): Promise<string[]> {
  const horizon = horizonAt(new Date());
  const create = (job: Job) =>
    client.schedule.create({
      scheduleId: 'taken',
      spec: scheduleSpec(job, horizon),
      action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', workflowId: 'none' },
      state: { paused: true },
    });
  const taken = await create(cron('taken', '0 5 * * *'));
  const waiting = [...jobs];
  const found: string[] = [];
  const work = async () => {
    for (let job = waiting.pop(); job; job = waiting.pop()) {
      const { cronExpression, timezone } = job;
      await create(job).catch((error: Error) => {
        if (!(error instanceof ScheduleAlreadyRunning)) found.push(`${cronExpression} ${timezone}: ${error.message}`);
      });
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  await taken.delete();
  return found;
}

/** Returns pseudo-random numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Returns expressions of every form in crontab(5), some of them invalid. */
function generated(count: number): string[] {
  const pick = numbers(7);
  const spell = (name: string) => [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)][pick(3)] ?? name;
  const value = (min: number, max: number, names: readonly string[]) =>
    names.length > 0 && pick(2) === 0 ? spell(names[pick(names.length)] ?? '') : String(min + pick(max - min + 1));
  const part = (min: number, max: number, names: readonly string[]) => {
    const one = () => value(min, max, names);
    const step = pick(3) === 0 ? `/${1 + pick(max)}` : '';
    return [`*${step}`, one(), `${one()}-${one()}${step}`, `${one()}${step}`][pick(4)] ?? '*';
  };
  const field = (min: number, max: number, names: readonly string[] = []) =>
    Array.from({ length: 1 + pick(3) }, () => part(min, max, names)).join(',');
  const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
  const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  return Array.from({ length: count }, () =>
    [field(0, 59), field(0, 23), field(1, 31), field(1, 12, months), field(0, 7, weekdays)].join(' '),
  );
}

describe('the Temporal server accepts', () => {
  test('the Temporal server accepts every cron expression that validation accepts', async () => {
    const weekdays = [
      'MON-SUN',
      'fri-sun',
      'sat-sun',
      'Sat-Sun',
      'thu-sun/2',
      '5-sun',
      '0-7',
      '7',
      '1-7/2',
      '7/2',
      'sun-sat',
    ];
    const candidates = [...weekdays.map((days) => `0 5 * * ${days}`), '@daily', '@Hourly', ...generated(1500)];
    const taken = candidates.filter((text) => cronIssues(text).length === 0);
    expect(taken.length).toBeGreaterThan(300);
    expect(taken.slice(0, weekdays.length)).toHaveLength(weekdays.length);
    expect(await refused(taken.map((text, index) => cron(`expression-${index}`, text)))).toEqual([]);
  });

  test('the Temporal server accepts every time zone that validation accepts, in any spelling, and no other zone of Node', async () => {
    const legacy = [
      'ACT',
      'AET',
      'AGT',
      'ART',
      'AST',
      'BET',
      'BST',
      'CAT',
      'CNT',
      'CST',
      'CTT',
      'EAT',
      'ECT',
      'IET',
      'IST',
    ];
    const more = [
      'JST',
      'MIT',
      'NET',
      'NST',
      'PLT',
      'PNT',
      'PRT',
      'PST',
      'SST',
      'VST',
      'PST8PDT',
      'EST',
      'GMT+1',
      'utc',
      'zulu',
    ];
    const node = Intl.supportedValuesOf('timeZone');
    const candidates = [...timezoneNames, ...node, ...legacy, ...more];
    const spelled = candidates.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()]);
    const saved = [...new Set(spelled)]
      .map((timezone) => saveJobSchema.parse({ name: 'x', testFlowId: 'y', timezone }).timezone ?? '')
      .filter((timezone) => timezoneIssues(timezone).length === 0);
    const zones = [...new Set(saved)];
    expect(zones.sort()).toEqual([...timezoneNames].sort());
    expect(node.filter((name) => !zones.includes(name))).toEqual([]);
    expect(await refused([cron('wrong', '30 2 * * *', 'PST')])).toHaveLength(1);
    expect(await refused(zones.map((zone, index) => cron(`zone-${index}`, '30 2 * * *', zone)))).toEqual([]);
    const others = legacy.filter((name) => timezoneIssues(name).length > 0);
    expect(others).toEqual(legacy);
  });
});

test('a job with the longest name and the longest pause note, in characters of three bytes, is paused and resumed', async () => {
  const schedules = createSchedules(client);
  const note = '漢'.repeat(500);
  const job = { ...cron('long', '30 2 * * *'), name: '漢'.repeat(100) };
  expect(await schedules.ensure(job)).toBe('created');
  expect(await schedules.pause('long', `paused by ann: ${note}`)).toBe(true);
  expect(await schedules.describe('long')).toMatchObject({ paused: true, note: expect.stringMatching(/: 漢+…$/) });
  expect(await schedules.resume('long', `resumed by bob: ${note}`)).toBe(true);
  await schedules.remove('long');
  expect(await schedules.ensure({ ...job, pause: { by: 'ann', note, at: new Date() } })).toBe('created');
  await schedules.remove('long');
});

test('a time zone that the Temporal server does not know is rejected as an issue of the job', async () => {
  const schedules = createSchedules(client);
  await expect(schedules.ensure(cron('pst', '30 2 * * *', 'PST'))).rejects.toMatchObject({
    code: 'input_invalid',
    where: { path: 'timezone' },
  });
  expect(await schedules.describe('pst')).toBeUndefined();
});

describe('a schedule fires at the same times as Debian’s cron, except for stray times', () => {
  test.each(oracleZones)(
    'schedules in %s fire like Debian’s cron around every clock change of three years',
    async (zone) => {
      const simulated = spansOf(zone).map((span) => simulateCron(zone, oracleExpressions, span));
      const day = 24 * 3600_000;
      for (const [index, expression] of oracleExpressions.entries()) {
        const job = cron(`${zone}-${index}`, expression, zone);
        const parsed = parseCron(expression);
        const spec = scheduleSpec(job, threeYears);
        const scheduleId = job.id.replaceAll('/', '-');
        await client.schedule.create({
          scheduleId,
          spec,
          action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', workflowId: 'none' },
          state: { paused: true },
        });
        for (const { start, end } of uncertainPeriods(parsed, zone, threeYears.from + day, threeYears.to - day)) {
          const range = { from: start - day, to: end + day };
          const fired = (await matching(scheduleId, range)).filter((at) => !isStrayTime(parsed, zone, at));
          const wanted = simulated
            .flatMap((runs) => runs[index] ?? [])
            .filter((at) => at > range.from && at <= range.to);
          expect({ expression, fired: shown(fired) }).toEqual({ expression, fired: shown(wanted) });
        }
        await client.schedule.getHandle(scheduleId).delete();
      }
    },
    120_000,
  );
});

const shown = (times: readonly number[]) => times.map((at) => new Date(at).toISOString().slice(0, 16));

/** Returns the times after `from` and until `to` at which the server would fire. */
async function matching(scheduleId: string, { from, to }: { from: number; to: number }): Promise<number[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId,
    startTime: msToTs(from),
    endTime: msToTs(to),
  });
  return startTime.map(({ seconds }) => Number(seconds) * 1000);
}

describe('the horizon of schedules', () => {
  test('the horizon covers the clock changes of the next nine months and of the last week on every day of a year', () => {
    for (let day = 0; day < 366; day += 1) {
      const now = Date.UTC(2027, 0, 1 + day, 12);
      const { from, to } = horizonAt(new Date(now));
      expect(from).toBeLessThan(now - 7 * 24 * 3600_000);
      expect(to).toBeGreaterThan(now + 270 * 24 * 3600_000);
    }
  });

  test('the horizon moves with the quarter and is constant within it', () => {
    expect(horizonAt(new Date('2027-01-01T00:00:00Z'))).toEqual(horizonAt(new Date('2027-03-31T23:59:59Z')));
    expect(horizonAt(new Date('2027-04-01T00:00:00Z'))).not.toEqual(horizonAt(new Date('2027-03-31T23:59:59Z')));
  });

  test('a schedule of every minute in a zone with summer time has at most 800 single times', () => {
    const spec = scheduleSpec(
      cron('x', '* * * * *', 'Australia/Lord_Howe'),
      horizonAt(new Date('2027-01-01T00:00:00Z')),
    );
    expect(spec.intervals.length).toBeGreaterThan(200);
    expect(spec.intervals.length).toBeLessThan(800);
  });
});
