/** A cron expression parsed by the tests themselves: numbers, lists and steps from `*`. */
interface Parts {
  minute: Set<number>;
  hour: Set<number>;
  day: Set<number>;
  month: Set<number>;
  weekday: Set<number>;
  eitherDay: boolean;
  wild: boolean;
}

const minute = 60_000;
const half = 30 * minute;
const day = 48 * half;
const threeHours = 180;

/** Zones with every kind of change: at midnight, by half an hour, on both hemispheres, in Ramadan, none. */
export const oracleZones = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/Chicago',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Atlantic/Azores',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Europe/Berlin',
  'Europe/London',
  'Pacific/Chatham',
];

export const oracleExpressions = [
  '30 2 * * *',
  '0 0 * * *',
  '15 0,1,2,3 * * *',
  '0,45 1,2 * * 0',
  '30 23 * * 6',
  '45 0,9,23 * * 0,5',
  '0 3 1,8 * 0',
  '0 * * * *',
  '*/20 * * * *',
  '17 */2 * * *',
  '* 2 * * *',
  '10 0 26,27,28,29,30,31 3,10 *',
];
export const threeYears = { from: Date.UTC(2027, 0, 1), to: Date.UTC(2030, 0, 1) };

/** Returns the periods to compare: a month, and four days before and after each change of the clock in three years. */
export function spansOf(zone: string): { from: number; to: number }[] {
  const spans = [{ from: threeYears.from, to: threeYears.from + 31 * day }];
  const offsetAt = offsetsOf(zone);
  for (let at = threeYears.from; at < threeYears.to; at += day)
    if (offsetAt(at) !== offsetAt(at + day)) spans.push({ from: at - 4 * day, to: at + 5 * day });
  return spans;
}

/**
 * Simulates Debian's cron minute by minute, as the main loop of its cron.c: the clock, and the virtual time up to which it
 * has run jobs with fixed times. Two runs at one moment count once.
 */
export function simulateCron(
  zone: string,
  expressions: readonly string[],
  { from, to }: { from: number; to: number },
): number[][] {
  const clock = clockOf(zone);
  const jobs = expressions.map((text) => ({ parts: takeApart(text), runs: new Set<number>(), day: -1, isDay: false }));
  const run = (at: number, local: number, kinds: readonly ('wild' | 'fixed')[]): void => {
    const today = Math.floor(local / 1440);
    for (const job of jobs) {
      const { parts } = job;
      if (!parts.minute.has(local % 60) || !parts.hour.has(Math.floor((local % 1440) / 60))) continue;
      if (!kinds.includes(parts.wild ? 'wild' : 'fixed')) continue;
      if (job.day !== today) Object.assign(job, { day: today, isDay: matchesDay(parts, new Date(local * minute)) });
      if (job.isDay) job.runs.add(at);
    }
  };
  let virtual = clock(from - minute);
  for (let at = from; at < to; at += minute) {
    const local = clock(at);
    const passed = local - virtual;
    if (passed > 1 && passed < threeHours) {
      run(at, local, ['wild']);
      for (virtual += 1; virtual < local; virtual += 1) run(at, virtual, ['fixed']);
      run(at, local, ['fixed']);
    } else if (passed <= 0 && passed > -threeHours) {
      run(at, local, ['wild']);
    } else {
      virtual = local;
      run(at, local, ['wild', 'fixed']);
    }
  }
  return jobs.map(({ runs }) => [...runs]);
}

/** Returns a zone's offset from UTC at a full minute, in milliseconds. */
function offsetsOf(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - at;
}

/** Returns the local minute since 1970; clocks change at a half hour of UTC, and at most once a day. */
function clockOf(zone: string): (at: number) => number {
  const offsetAt = offsetsOf(zone);
  let known = { from: 0, to: 0, offset: 0 };
  return (at) => {
    if (at < known.from || at >= known.to) {
      const from = Math.floor(at / day) * day;
      const isQuiet = offsetAt(from) === offsetAt(from + day);
      const start = isQuiet ? from : Math.floor(at / half) * half;
      known = { from: start, to: start + (isQuiet ? day : half), offset: offsetAt(start) };
    }
    return (at + known.offset) / minute;
  };
}

function takeApart(text: string): Parts {
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = text.split(' ');
  return {
    minute: values(minutes, 0, 59),
    hour: values(hours, 0, 23),
    day: values(days, 1, 31),
    month: values(months, 1, 12),
    weekday: values(weekdays, 0, 6),
    eitherDay: !days.startsWith('*') && !weekdays.startsWith('*'),
    wild: minutes.startsWith('*') || hours.startsWith('*'),
  };
}

function values(text: string, min: number, max: number): Set<number> {
  if (!text.startsWith('*')) return new Set(text.split(',').map(Number));
  const step = Number(text.slice(2) || 1);
  return new Set(
    Array.from({ length: max - min + 1 }, (_, index) => min + index).filter((one) => (one - min) % step === 0),
  );
}

function matchesDay(parts: Parts, now: Date): boolean {
  if (!parts.month.has(now.getUTCMonth() + 1)) return false;
  const [day, weekday] = [parts.day.has(now.getUTCDate()), parts.weekday.has(now.getUTCDay())];
  return parts.eitherDay ? day || weekday : day && weekday;
}
