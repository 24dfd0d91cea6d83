import { type Era, eras, offsetAt } from './clock.ts';
import { type Cron, hasDays, matchesDay } from './cron.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Clocks that are put by more are another time altogether, and no job is made up or kept from running twice (cron(8)). */
const largestChange = 3 * hour;
/** As long as any job can rest: from one 1 February that is a Monday to the next, over a year 2100 without a leap day. */
const longestRest = 12 * 366 * day;

/**
 * The times of a cron expression after `after` and until `to`, in milliseconds since 1970. At a change of the clock as
 * Debian's cron has it (cron(8), daylight saving time): a job with fixed times whose time is skipped runs at the moment of
 * the change, and one whose time comes twice runs the first time; one with a wildcard runs whenever the clock says so.
 */
export function* cronTimes(cron: Cron, timezone: string, after: number, to: number): Generator<number> {
  const from = (Math.floor(after / minute) + 1) * minute;
  const end = (Math.floor(to / minute) + 1) * minute;
  let repeatedUntil = endOfRepetition(timezone, from);
  for (const era of eras(timezone, from, end)) {
    if (isSpecial(era) && era.change < 0) repeatedUntil = era.start - era.change;
    const skipped = !cron.wildcard && isSpecial(era) && era.change > 0 && skips(cron, era);
    if (skipped) yield era.start;
    for (const at of timesIn(cron, era)) {
      const repeated = !cron.wildcard && at < repeatedUntil;
      if (!repeated && !(skipped && at === era.start)) yield at;
    }
  }
}

/** The next `count` times of a cron expression after `after`; fewer only where there are none in decades. */
export function nextTimes(cron: Cron, timezone: string, after: Date, count: number): Date[] {
  if (!hasDays(cron)) return [];
  const next: Date[] = [];
  const to = after.getTime() + count * longestRest;
  for (const at of cronTimes(cron, timezone, after.getTime(), to)) {
    next.push(new Date(at));
    if (next.length === count) break;
  }
  return next;
}

/** True for a time that the expression has. */
export function isCronTime(cron: Cron, timezone: string, at: number): boolean {
  return !cronTimes(cron, timezone, at - minute, at).next().done;
}

/** The end of what the clock repeats at `from`, as it was put back not long before; 0 where it was not. */
function endOfRepetition(timezone: string, from: number): number {
  const [first, second] = [...eras(timezone, from - largestChange, from)];
  if (!first || !second) return 0;
  return isSpecial(second) && second.change < 0 ? second.start - second.change : 0;
}

function isSpecial({ change }: Era): boolean {
  return change !== 0 && Math.abs(change) < largestChange;
}

/** True when the clock jumps over a time of the expression at the beginning of an era. */
function skips(cron: Cron, { start, offset, change }: Era): boolean {
  const gap = { start, end: start + change, offset: offset - change, change: 0 };
  return !timesIn(cron, gap).next().done;
}

/** The times of an era by its clock, in order. */
function* timesIn(cron: Cron, { start, end, offset }: Era): Generator<number> {
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

/** How long before and after a change Temporal's own reckoning may be another one, beside the change itself (server 1.29). */
const aroundChange = { before: hour, after: 2 * hour };

/**
 * The times about the changes of a zone's clock from `from` until `to` in which Temporal may go wrong. Where a day has no
 * midnight it takes that whole day for the weekday before.
 */
export function* unsureTimes(cron: Cron, timezone: string, from: number, to: number): Generator<Era> {
  for (const { start, offset, change } of eras(timezone, from, to)) {
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
 * True for a time that is none of the expression's although Temporal fires then, as the clock changes about that time. All
 * others are taken for right: of a schedule that somebody triggers, they are the moment of it.
 */
export function isStrayTime(cron: Cron, timezone: string, at: number): boolean {
  if (at % minute !== 0) return false;
  const [before, after] = [at - day - 2 * largestChange, at + 2 * largestChange];
  if (offsetAt(timezone, before) === offsetAt(timezone, after)) return false;
  const isUnsure = unsureTimes(cron, timezone, before, after).some(({ start, end }) => at >= start && at <= end);
  return isUnsure && !isCronTime(cron, timezone, at);
}
