import { type OffsetPeriod, offsetAt, offsetPeriods } from './clock.ts';
import { type Cron, hasMatchingDay, matchesDay } from './cron.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A larger change of the clock is a correction of the time: no run is made up or skipped (cron(8)). */
const maxDstChangeMs = 3 * hour;
/** Maximum time between two runs: from one 1 February on a Monday to the next, across 2100, which is not a leap year. */
const maxIntervalMs = 12 * 366 * day;

/**
 * Yields the times of a cron expression in (`after`, `to`], in milliseconds since 1970. Follows Debian's cron at a change of
 * the clock (cron(8), daylight saving time): a job with fixed times runs at the moment of the change when its time is
 * skipped, and only the first time when its time is repeated; a job with a wildcard always follows the clock.
 */
export function* cronTimes(cron: Cron, timezone: string, after: number, to: number): Generator<number> {
  const from = (Math.floor(after / minute) + 1) * minute;
  const end = (Math.floor(to / minute) + 1) * minute;
  let repeatedUntil = endOfRepeatedTime(timezone, from);
  for (const era of offsetPeriods(timezone, from, end)) {
    if (isDstChange(era) && era.change < 0) repeatedUntil = era.start - era.change;
    const skipped = !cron.wildcard && isDstChange(era) && era.change > 0 && skipsTime(cron, era);
    if (skipped) yield era.start;
    for (const at of timesIn(cron, era)) {
      const repeated = !cron.wildcard && at < repeatedUntil;
      if (!repeated && !(skipped && at === era.start)) yield at;
    }
  }
}

/** Returns the next `count` times of a cron expression after `after`; fewer only when there are none for decades. */
export function nextTimes(cron: Cron, timezone: string, after: Date, count: number): Date[] {
  if (!hasMatchingDay(cron)) return [];
  const next: Date[] = [];
  const to = after.getTime() + count * maxIntervalMs;
  for (const at of cronTimes(cron, timezone, after.getTime(), to)) {
    next.push(new Date(at));
    if (next.length === count) break;
  }
  return next;
}

/** Returns true for a time of the expression. */
export function isCronTime(cron: Cron, timezone: string, at: number): boolean {
  return !cronTimes(cron, timezone, at - minute, at).next().done;
}

/** Returns the end of the repeated time at `from`, when the clock was put back shortly before; else 0. */
function endOfRepeatedTime(timezone: string, from: number): number {
  const [first, second] = [...offsetPeriods(timezone, from - maxDstChangeMs, from)];
  if (!first || !second) return 0;
  return isDstChange(second) && second.change < 0 ? second.start - second.change : 0;
}

function isDstChange({ change }: OffsetPeriod): boolean {
  return change !== 0 && Math.abs(change) < maxDstChangeMs;
}

/** Returns true when the clock skips a time of the expression at the beginning of a period. */
function skipsTime(cron: Cron, { start, offset, change }: OffsetPeriod): boolean {
  const gap = { start, end: start + change, offset: offset - change, change: 0 };
  return !timesIn(cron, gap).next().done;
}

/** Yields the times in a period by its clock, in order. */
function* timesIn(cron: Cron, { start, end, offset }: OffsetPeriod): Generator<number> {
  for (let local = Math.floor((start + offset) / day) * day; local < end + offset; local += day) {
    if (!matchesDay(cron, new Date(local))) continue;
    for (const hours of cron.hour.values) {
      for (const minutes of cron.minute.values) {
        const at = local + hours * hour + minutes * minute - offset;
        if (at >= start && at < end) yield at;
      }
    }
  }
}

/** Margin around a change in which Temporal's own times may differ, in addition to the change itself (server 1.29). */
const aroundChange = { before: hour, after: 2 * hour };

/**
 * Yields the periods around the changes of a zone's clock from `from` until `to` in which Temporal may be wrong. It treats a
 * day without midnight as the weekday before.
 */
export function* uncertainPeriods(cron: Cron, timezone: string, from: number, to: number): Generator<OffsetPeriod> {
  for (const { start, offset, change } of offsetPeriods(timezone, from, to)) {
    if (change === 0) continue;
    const size = Math.abs(change);
    const localStart = start + offset - Math.max(change, 0);
    const lacksMidnight = change > 0 && Math.ceil(localStart / day) * day < start + offset;
    const isByWeekday = cron.dayOfWeek.values.length < 7;
    const after = lacksMidnight && isByWeekday ? day : aroundChange.after;
    yield { start: start - Math.max(size, aroundChange.before), end: start + size + after, offset, change };
  }
}

/**
 * Returns true for a time at which Temporal fires although it is not a time of the expression, near a change of the clock.
 * Other times count as valid: a manually triggered schedule fires at any time.
 */
export function isStrayTime(cron: Cron, timezone: string, at: number): boolean {
  if (at % minute !== 0) return false;
  const [before, after] = [at - day - 2 * maxDstChangeMs, at + 2 * maxDstChangeMs];
  if (offsetAt(timezone, before) === offsetAt(timezone, after)) return false;
  const isUnsure = uncertainPeriods(cron, timezone, before, after).some(({ start, end }) => at >= start && at <= end);
  return isUnsure && !isCronTime(cron, timezone, at);
}
