import { type Cron, readCron } from '../../model/cron/cron.ts';
import { cronFieldNames } from '../../model/cron/cron-fields.ts';
import { cronTimes, unsureTimes } from '../../model/cron/cron-times.ts';
import { canonicalTimezone } from '../../model/cron/timezone.ts';
import type { Job } from '../../model/job.ts';

/** A cron job's times as Temporal takes them; all numbers are milliseconds. */
export interface ScheduleSpecOf {
  cronExpressions: string[];
  /** Single times: each comes back after a span that is longer than any schedule stays as it is. */
  intervals: { every: number; offset: number }[];
  timezone: string;
  jitter?: number;
}

export interface Horizon {
  from: number;
  to: number;
}

const day = 24 * 3600 * 1000;
/** Temporal wants an interval to begin before now (server 1.29, nextIntervalTime), so it is less than the time since 1970. */
const fiftyYears = 50 * 365 * day;

/**
 * The time for which schedules are made exact at changes of the clock: from a week before this quarter, as runs are made up
 * for a week, until a year after its beginning. It moves on with the quarter, when schedules are made anew.
 */
export function horizonAt(now: Date): Horizon {
  const quarter = Math.floor(now.getUTCMonth() / 3) * 3;
  const year = now.getUTCFullYear();
  return { from: Date.UTC(year, quarter, 1) - 8 * day, to: Date.UTC(year + 1, quarter, 1) };
}

/**
 * The times of a cron job, and about changes of the clock some that are none of them. In plain numbers, so that Temporal's
 * parser takes what ours took. About a change Temporal's reckoning leaves times out (server 1.29): within the horizon those
 * that are wanted are given one by one; `isStrayTime` tells the others when they fire.
 */
export function scheduleSpec(job: Job, { from, to }: Horizon): ScheduleSpecOf {
  const { cronExpression = '', timezone: given = 'UTC', jitterSeconds } = job;
  const timezone = canonicalTimezone(given) ?? given;
  const cron = readCron(cronExpression);
  const single = [...unsureTimes(cron, timezone, from, to)].flatMap(({ start, end }) => [
    ...cronTimes(cron, timezone, start - 1, end),
  ]);
  return {
    cronExpressions: plainExpressions(cron),
    intervals: single.map((at) => ({ every: fiftyYears, offset: at % fiftyYears })),
    timezone,
    ...(jitterSeconds && { jitter: jitterSeconds * 1000 }),
  };
}

/** Temporal wants day of month and day of week both; where either will do, it gets two expressions. */
function plainExpressions(cron: Cron): string[] {
  const texts = (any: readonly string[]) =>
    cronFieldNames.map((name) => (any.includes(name) ? '*' : cron[name].values.join(','))).join(' ');
  const eitherDay = !cron.dayOfMonth.star && !cron.dayOfWeek.star;
  return eitherDay ? [texts(['dayOfWeek']), texts(['dayOfMonth'])] : [texts([])];
}
