import { type Cron, parseCron } from '../../model/cron/cron.ts';
import { cronFieldNames } from '../../model/cron/cron-fields.ts';
import { cronTimes, uncertainPeriods } from '../../model/cron/cron-times.ts';
import { canonicalTimezone } from '../../model/cron/timezone.ts';
import type { Job } from '../../model/job.ts';

/** A cron job's times in Temporal's form; all numbers are milliseconds. */
export interface ScheduleTimes {
  cronExpressions: string[];
  /** Single times: each repeats after a span longer than any schedule stays unchanged. */
  intervals: { every: number; offset: number }[];
  timezone: string;
  jitter?: number;
}

export interface Horizon {
  from: number;
  to: number;
}

const dayMs = 24 * 3600 * 1000;
/** Shorter than the time since 1970, as Temporal requires an interval to begin before now (server 1.29, nextIntervalTime). */
const fiftyYearsMs = 50 * 365 * dayMs;

/**
 * Returns the period in which schedules are exact at clock changes: from eight days before this quarter, as missed runs are
 * caught up for a week, until a year after its beginning. Schedules are updated when the quarter changes.
 */
export function horizonAt(now: Date): Horizon {
  const quarter = Math.floor(now.getUTCMonth() / 3) * 3;
  const year = now.getUTCFullYear();
  return { from: Date.UTC(year, quarter, 1) - 8 * dayMs, to: Date.UTC(year + 1, quarter, 1) };
}

/**
 * Returns a cron job's times, and around clock changes some extra ones. They are plain numbers, so that Temporal parses them like
 * we do. Temporal misses times around a clock change (server 1.29): within the horizon they are added one by one; `isStrayTime`
 * detects the extra ones when they fire.
 */
export function scheduleSpec(job: Job, { from, to }: Horizon): ScheduleTimes {
  const { cronExpression = '', timezone: given = 'UTC', jitterSeconds } = job;
  const timezone = canonicalTimezone(given) ?? given;
  const cron = parseCron(cronExpression);
  const single = [...uncertainPeriods(cron, timezone, from, to)].flatMap(({ start, end }) => [
    ...cronTimes(cron, timezone, start - 1, end),
  ]);
  return {
    cronExpressions: plainExpressions(cron),
    intervals: single.map((at) => ({ every: fiftyYearsMs, offset: at % fiftyYearsMs })),
    timezone,
    ...(jitterSeconds && { jitter: jitterSeconds * 1000 }),
  };
}

/** Temporal requires day of month and day of week to match; when either is enough, it gets two expressions. */
function plainExpressions(cron: Cron): string[] {
  const texts = (any: readonly string[]) =>
    cronFieldNames.map((name) => (any.includes(name) ? '*' : cron[name].values.join(','))).join(' ');
  const eitherDay = !cron.dayOfMonth.star && !cron.dayOfWeek.star;
  return eitherDay ? [texts(['dayOfWeek']), texts(['dayOfMonth'])] : [texts([])];
}
