const minute = 60_000;
/** Changes that are nearer to one another are not told apart; no zone has had such since 1970. */
const step = 7 * 24 * 60 * minute;
/** So that who wants the first times of an era does not wait for its end. */
const longestEra = 52 * step;

/** A time from `start` until before `end` in which the clock of a zone is `offset` ahead of UTC; all in milliseconds. */
export interface Era {
  start: number;
  end: number;
  offset: number;
  /** By how much the clock was put forward at `start`, or back when negative; 0 where nothing changed. */
  change: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clock of a zone is ahead of UTC, in milliseconds. Throws RangeError for a zone that does not exist. */
export function offsetAt(timezone: string, at: number): number {
  let format = formats.get(timezone);
  if (!format) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, hourCycle: 'h23', ...fields });
    formats.set(timezone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day: date = 1, hour = 0, minute: minutes = 0 } = parts;
  return Date.UTC(year, month - 1, date, hour, minutes) - Math.floor(at / minute) * minute;
}

/** The eras of a zone from `from` until `to`, in order, a long one in parts. The first begins at `from`. */
export function* eras(timezone: string, from: number, to: number): Generator<Era> {
  let start = from;
  let offset = offsetAt(timezone, from);
  let change = offset - offsetAt(timezone, from - minute);
  for (let at = from; at < to; ) {
    const next = Math.min(at + step, to);
    const then = offsetAt(timezone, next);
    if (then !== offset || next - start > longestEra) {
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

/** The minute at which the clock changes to `offset`, later than `before` and at `after` at the latest. */
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
