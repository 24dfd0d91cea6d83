/** Range of a field of a cron expression; `names` are the names of its values, from the first. */
interface FieldKind {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const kinds = {
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  dayOfMonth: { name: 'day of month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: months },
  // Sunday is 0 and 7.
  dayOfWeek: { name: 'day of week', min: 0, max: 7, names: weekdays },
} as const satisfies Record<string, FieldKind>;

/** Sorted values of a field; `star` is true when it begins with `*`, which cron treats differently (crontab(5)). */
export interface CronField {
  values: readonly number[];
  star: boolean;
}
export type CronFieldName = keyof typeof kinds;
export type CronFields = Record<CronFieldName, CronField>;
export const cronFieldNames = Object.keys(kinds) as readonly CronFieldName[];

/** Error of a field, with a hint how to fix it. */
export class CronFieldError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Parses a field: lists of values, ranges and steps as in crontab(5). Throws CronFieldError. */
export function parseCronField(field: CronFieldName, text: string): CronField {
  const kind: FieldKind = kinds[field];
  const values = new Set(text.split(',').flatMap((part) => parsePart(kind, text, part)));
  if (field === 'dayOfWeek' && values.delete(7)) values.add(0);
  return { values: [...values].sort((one, other) => one - other), star: text.startsWith('*') };
}

function parsePart(kind: FieldKind, text: string, part: string): number[] {
  const [, from = '', to, by] = /^(\*|\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(part) ?? [];
  if (from === '' || (from === '*' && to !== undefined)) {
    throw new CronFieldError(`${part || text || 'nothing'} is not a valid ${kind.name}`, form(kind));
  }
  const step = by === undefined ? 1 : parseStep(kind, part, by);
  const first = from === '*' ? kind.min : parseValue(kind, from);
  const last = to === undefined ? endOf(kind, from, first, by) : parseEnd(kind, to, from, first);
  if (last < first) {
    const hint = `write ${wrapped(kind, first, last, step)}`;
    throw new CronFieldError(`the range ${part} of ${kind.name} ends before it begins`, hint);
  }
  return steps(first, last, step);
}

/** Returns the last value of a part without an end: the maximum for `*` and `3/5`. */
function endOf(kind: FieldKind, from: string, first: number, by: string | undefined): number {
  if (from !== '*' && by === undefined) return first;
  return kind.names === weekdays && first < 7 ? 6 : kind.max;
}

/** Parses the end of a range, where Sunday is 7: `mon-sun`, `5-sun`. */
function parseEnd(kind: FieldKind, text: string, from: string, first: number): number {
  const value = parseValue(kind, text);
  const isSunday = kind.names === weekdays && value === 0 && text !== '0';
  return isSunday && first > 0 && from !== text ? 7 : value;
}

function parseStep(kind: FieldKind, part: string, text: string): number {
  const step = /^\d+$/.test(text) ? Number(text) : 0;
  if (step < 1) {
    const hint = 'write a positive number after the /';
    throw new CronFieldError(`${text} is not a valid step in ${kind.name} ${part}`, hint);
  }
  return step;
}

function parseValue(kind: FieldKind, text: string): number {
  const index = kind.names?.indexOf(text.toLowerCase()) ?? -1;
  if (index >= 0) return index + (kind.names === months ? 1 : 0);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= kind.min && value <= kind.max) return value;
  throw new CronFieldError(`${text} is not a valid ${kind.name}`, form(kind));
}

function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** Returns the values of a range that wraps around at the end of the field, as a list. */
function wrapped(kind: FieldKind, first: number, last: number, step: number): string {
  const size = kind.names === weekdays ? 7 : kind.max - kind.min + 1;
  const values = steps(first, last + size, step).map((value) => ((value - kind.min) % size) + kind.min);
  const { names, min } = kind;
  return values.map((value) => (names ? names[value - min] : value)).join(',');
}

function form({ name, min, max, names }: FieldKind): string {
  const words = names ? `, or ${names[0]} to ${names.at(-1)}` : '';
  return `${name} is a number from ${min} to ${max}${words}, *, or a list, range or step of these, as in ${min + 1}-5,8 or */2`;
}
