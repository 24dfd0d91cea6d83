/** What a field of a cron expression may hold; `names` are those of its values, from the first on. */
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

/** A field as its values in order; `star` when it begins with `*`, which decides how cron treats it (crontab(5)). */
export interface CronField {
  values: readonly number[];
  star: boolean;
}
export type CronFieldName = keyof typeof kinds;
export type CronFields = Record<CronFieldName, CronField>;
export const cronFieldNames = Object.keys(kinds) as readonly CronFieldName[];

/** What is wrong with a field, and what would be right. */
export class CronFieldError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Reads one field: lists of values, ranges and steps as in crontab(5). Throws CronFieldError. */
export function readCronField(field: CronFieldName, text: string): CronField {
  const kind: FieldKind = kinds[field];
  const values = new Set(text.split(',').flatMap((part) => readPart(kind, text, part)));
  if (field === 'dayOfWeek' && values.delete(7)) values.add(0);
  return { values: [...values].sort((one, other) => one - other), star: text.startsWith('*') };
}

function readPart(kind: FieldKind, text: string, part: string): number[] {
  const [, from = '', to, by] = /^(\*|\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(part) ?? [];
  if (from === '' || (from === '*' && to !== undefined)) {
    throw new CronFieldError(`${part || text || 'nothing'} is not a valid ${kind.name}`, form(kind));
  }
  const step = by === undefined ? 1 : readStep(kind, part, by);
  const first = from === '*' ? kind.min : readValue(kind, from);
  const last = to === undefined ? endOf(kind, from, first, by) : readEnd(kind, to, from, first);
  if (last < first) {
    const hint = `write ${wrapped(kind, first, last, step)}`;
    throw new CronFieldError(`the range ${part} of ${kind.name} ends before it begins`, hint);
  }
  return steps(first, last, step);
}

/** Of `*` and of `3/5`, all that follow. */
function endOf(kind: FieldKind, from: string, first: number, by: string | undefined): number {
  if (from !== '*' && by === undefined) return first;
  return kind.names === weekdays && first < 7 ? 6 : kind.max;
}

/** As the end of a range Sunday is 7: `mon-sun`, `5-sun`. */
function readEnd(kind: FieldKind, text: string, from: string, first: number): number {
  const value = readValue(kind, text);
  const isSunday = kind.names === weekdays && value === 0 && text !== '0';
  return isSunday && first > 0 && from !== text ? 7 : value;
}

function readStep(kind: FieldKind, part: string, text: string): number {
  const step = /^\d+$/.test(text) ? Number(text) : 0;
  if (step < 1) {
    const hint = 'write a number from 1 on after the /';
    throw new CronFieldError(`${text} is not a valid step in ${kind.name} ${part}`, hint);
  }
  return step;
}

function readValue(kind: FieldKind, text: string): number {
  const index = kind.names?.indexOf(text.toLowerCase()) ?? -1;
  if (index >= 0) return index + (kind.names === months ? 1 : 0);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= kind.min && value <= kind.max) return value;
  throw new CronFieldError(`${text} is not a valid ${kind.name}`, form(kind));
}

function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** The values of a range that goes on at the field's beginning, as a list. */
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
