const minute = 60_000;
/** Changes less than a week apart are not distinguished; no zone has had such since 1970. */
const step = 7 * 24 * 60 * minute;
/** Splits long periods, so that a caller that needs only the first times does not wait for the end of the period. */
const maxPeriodMs = 52 * step;

/** A period [`start`, `end`) in which the clock of a zone is `offset` ahead of UTC; all in milliseconds. */
export interface OffsetPeriod {
  start: number;
  end: number;
  offset: number;
  /** Change of the offset at `start`: positive when the clock was put forward, negative when back, 0 for no change. */
  change: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the offset of a zone from UTC, in milliseconds. Throws RangeError for an unknown zone. */
export function offsetAt(timezone: string, at: number): number {
  let format = formats.get(timezone);
  if (!format) {
    // Swedish writes times as ISO 8601, which takes a third of the time that reading single fields takes.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
    formats.set(timezone, format);
  }
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - Math.floor(at / minute) * minute;
}

/** Yields the offset periods of a zone from `from` until `to`, in order; long ones in parts. The first begins at `from`. */
export function* offsetPeriods(timezone: string, from: number, to: number): Generator<OffsetPeriod> {
  let start = from;
  let offset = offsetAt(timezone, from);
  let change = offset - offsetAt(timezone, from - minute);
  for (let at = from; at < to; ) {
    const next = Math.min(at + step, to);
    const then = offsetAt(timezone, next);
    if (then !== offset || next - start > maxPeriodMs) {
      const end = then === offset ? next : firstMinuteOf(timezone, then, at, next);
      yield { start, end, offset, change };
      start = end;
      change = then - offset;
      offset = then;
    }
    at = next;
  }
  if (start < to) yield { start, end: to, offset, change };
}

/** Finds the minute in (`before`, `after`] at which the clock changes to `offset`. */
function firstMinuteOf(timezone: string, offset: number, before: number, after: number): number {
  let low = Math.floor(before / minute);
  let high = Math.ceil(after / minute);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timezone, middle * minute) === offset) high = middle;
    else low = middle;
  }
  return high * minute;
}
