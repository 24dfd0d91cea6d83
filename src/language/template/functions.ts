import { equals, less } from './compare.ts';
import { html, js, urlquery } from './escape.ts';
import { goQuote, print, sprint } from './print.ts';
import { printf } from './printf.ts';
import { GoFloat, isTrue, kindOf, sortedEntries, typeName } from './values.ts';

export interface TemplateFunction {
  minArguments: number;
  maxArguments: number;
  /** Throws TypeError or RangeError with the reason when the arguments do not fit. */
  call(...values: unknown[]): unknown;
}

const unlimited = Number.POSITIVE_INFINITY;
const maxJoinedLength = 10_000_000;

/** Functions of templates. The evaluation short-circuits `and` and `or`, so that only the last argument is returned here. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  and: { minArguments: 1, maxArguments: unlimited, call: last },
  or: { minArguments: 1, maxArguments: unlimited, call: last },
  not: { minArguments: 1, maxArguments: 1, call: (value) => !isTrue(value) },
  eq: { minArguments: 2, maxArguments: unlimited, call: (first, ...others) => equals(first, others) },
  ne: { minArguments: 2, maxArguments: 2, call: (one, other) => !equals(one, [other]) },
  lt: { minArguments: 2, maxArguments: 2, call: less },
  le: { minArguments: 2, maxArguments: 2, call: (one, other) => less(one, other) || equals(one, [other]) },
  gt: { minArguments: 2, maxArguments: 2, call: (one, other) => !less(one, other) && !equals(one, [other]) },
  ge: { minArguments: 2, maxArguments: 2, call: (one, other) => !less(one, other) },
  len: { minArguments: 1, maxArguments: 1, call: length },
  index: { minArguments: 1, maxArguments: unlimited, call: (value, ...keys) => keys.reduce(member, value) },
  join: { minArguments: 2, maxArguments: 2, call: join },
  slice: { minArguments: 1, maxArguments: 4, call: slice },
  print: { minArguments: 0, maxArguments: unlimited, call: (...values) => sprint(values) },
  println: { minArguments: 0, maxArguments: unlimited, call: (...values) => `${values.map(print).join(' ')}\n` },
  html: { minArguments: 0, maxArguments: unlimited, call: html },
  js: { minArguments: 0, maxArguments: unlimited, call: js },
  urlquery: { minArguments: 0, maxArguments: unlimited, call: urlquery },
  printf: {
    minArguments: 1,
    maxArguments: unlimited,
    call: (format, ...values) => printf(textOf(format, 'printf'), values),
  },
  quote: { minArguments: 0, maxArguments: unlimited, call: quote },
  toJson: { minArguments: 1, maxArguments: 1, call: toJson },
};

function last(...values: unknown[]): unknown {
  return values.at(-1);
}

/** Returns the length of a text in bytes, as in Go; of a slice or a map, the number of members. */
function length(value: unknown): number {
  const kind = kindOf(value);
  if (kind === 'string') return Buffer.byteLength(String(value));
  if (kind === 'slice' || kind === 'map') return Object.keys(value as object).length;
  throw new TypeError(`len of type ${typeName(value)}`);
}

function member(value: unknown, key: unknown): unknown {
  const kind = kindOf(value);
  if (kind === 'map') {
    const name = textOf(key, 'index of a map');
    return Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : null;
  }
  if (kind !== 'slice' && kind !== 'string') throw new TypeError(`cannot index a value of type ${typeName(value)}`);
  if (kindOf(key) !== 'int') throw new TypeError(`cannot index with type ${typeName(key)}`);
  const items = kind === 'string' ? Buffer.from(String(value)) : (value as unknown[]);
  const found = items[Number(key)];
  if (Number(key) < 0 || Number(key) >= items.length) throw new RangeError(`index out of range: ${key}`);
  return found;
}

/** Implements Go's `slice`: x[i:j] of a list or of a text's bytes. A list has no spare capacity: `x[i:j:k]` is x[i:j]. */
function slice(value: unknown, ...indexes: unknown[]): unknown {
  const kind = kindOf(value);
  if (kind !== 'slice' && kind !== 'string') throw new TypeError(`can't slice item of type ${typeName(value)}`);
  if (kind === 'string' && indexes.length === 3) throw new TypeError('cannot 3-index slice a string');
  const items = kind === 'string' ? Buffer.from(String(value)) : (value as unknown[]);
  for (const index of indexes) {
    if (kindOf(index) !== 'int') throw new TypeError(`cannot index slice/array with type ${typeName(index)}`);
    if (Number(index) < 0 || Number(index) > items.length) throw new RangeError(`index out of range: ${index}`);
  }
  const [start = 0, end = items.length, capacity = items.length] = indexes.map(Number);
  if (start > end) throw new RangeError(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new RangeError(`invalid slice index: ${end} > ${capacity}`);
  return kind === 'string' ? Buffer.from(items as Buffer).toString('utf8', start, end) : items.slice(start, end);
}

/** Joins a list with a separator, in either order of the arguments: strings.Join has the list first, sprig the separator. */
function join(one: unknown, other: unknown): string {
  const [list, separator] = Array.isArray(one) ? [one, other] : [other, one];
  if (!Array.isArray(list))
    throw new TypeError(`join requires a list and a text, not ${typeName(one)} and ${typeName(other)}`);
  const between = textOf(separator, 'join');
  if (between.length * list.length > maxJoinedLength)
    throw new RangeError(`the text exceeds the limit of ${maxJoinedLength} characters`);
  return list.map(print).join(between);
}

/** Quotes each value, as sprig; nil is skipped. */
function quote(...values: unknown[]): string {
  const given = values.filter((value) => kindOf(value) !== 'nil');
  return given.map((value) => goQuote(print(value))).join(' ');
}

/** Formats JSON as Go's encoding/json: sorted keys, `<`, `>` and `&` escaped. */
function toJson(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sorted(value: unknown): unknown {
  if (value instanceof GoFloat) return value.value;
  const kind = kindOf(value);
  if (kind === 'slice') return (value as unknown[]).map(sorted);
  if (kind !== 'map') return value ?? null;
  return Object.fromEntries(sortedEntries(value).map(([key, one]) => [key, sorted(one)]));
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${where} requires a text, not ${typeName(value)}`);
}
