import { equals, less } from './compare.ts';
import { html, js, urlquery } from './escape.ts';
import { goQuote, print, sprint } from './print.ts';
import { printf } from './printf.ts';
import { GoFloat, isTrue, kindOf, sortedEntries, typeName } from './values.ts';

export interface TemplateFunction {
  least: number;
  most: number;
  /** Throws TypeError or RangeError with the reason when the arguments do not fit. */
  call(...values: unknown[]): unknown;
}

const many = Number.POSITIVE_INFINITY;
const longestJoined = 10_000_000;

/** What a template may call. Of `and` and `or`, the evaluation stops at the argument that decides: here only the last is left. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  and: { least: 1, most: many, call: last },
  or: { least: 1, most: many, call: last },
  not: { least: 1, most: 1, call: (value) => !isTrue(value) },
  eq: { least: 2, most: many, call: (first, ...others) => equals(first, others) },
  ne: { least: 2, most: 2, call: (one, other) => !equals(one, [other]) },
  lt: { least: 2, most: 2, call: less },
  le: { least: 2, most: 2, call: (one, other) => less(one, other) || equals(one, [other]) },
  gt: { least: 2, most: 2, call: (one, other) => !less(one, other) && !equals(one, [other]) },
  ge: { least: 2, most: 2, call: (one, other) => !less(one, other) },
  len: { least: 1, most: 1, call: length },
  index: { least: 1, most: many, call: (value, ...keys) => keys.reduce(member, value) },
  join: { least: 2, most: 2, call: join },
  slice: { least: 1, most: 4, call: slice },
  print: { least: 0, most: many, call: (...values) => sprint(values) },
  println: { least: 0, most: many, call: (...values) => `${values.map(print).join(' ')}\n` },
  html: { least: 0, most: many, call: html },
  js: { least: 0, most: many, call: js },
  urlquery: { least: 0, most: many, call: urlquery },
  printf: { least: 1, most: many, call: (format, ...values) => printf(textOf(format, 'printf'), values) },
  quote: { least: 0, most: many, call: quote },
  toJson: { least: 1, most: 1, call: toJson },
};

function last(...values: unknown[]): unknown {
  return values.at(-1);
}

/** Length of a text in bytes, as in Go; of a slice or a map, its members. */
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

/** Go's `slice`: x[i:j] of a list, or of the bytes of a text. A list has no room behind its end, so `x[i:j:k]` is x[i:j]. */
function slice(value: unknown, ...indexes: unknown[]): unknown {
  const kind = kindOf(value);
  if (kind !== 'slice' && kind !== 'string') throw new TypeError(`can't slice item of type ${typeName(value)}`);
  if (kind === 'string' && indexes.length === 3) throw new TypeError('cannot 3-index slice a string');
  const items = kind === 'string' ? Buffer.from(String(value)) : (value as unknown[]);
  for (const index of indexes) {
    if (kindOf(index) !== 'int') throw new TypeError(`cannot index slice/array with type ${typeName(index)}`);
    if (Number(index) < 0 || Number(index) > items.length) throw new RangeError(`index out of range: ${index}`);
  }
  const [start = 0, end = items.length, room = items.length] = indexes.map(Number);
  if (start > end) throw new RangeError(`invalid slice index: ${start} > ${end}`);
  if (end > room) throw new RangeError(`invalid slice index: ${end} > ${room}`);
  return kind === 'string' ? Buffer.from(items as Buffer).toString('utf8', start, end) : items.slice(start, end);
}

/** A list joined by a text, in either order of the two: strings.Join has the list first, sprig the text. */
function join(one: unknown, other: unknown): string {
  const [list, separator] = Array.isArray(one) ? [one, other] : [other, one];
  if (!Array.isArray(list))
    throw new TypeError(`join wants a list and a text, not ${typeName(one)} and ${typeName(other)}`);
  const between = textOf(separator, 'join');
  if (between.length * list.length > longestJoined) throw new RangeError('the text would be too long');
  return list.map(print).join(between);
}

/** Each value in double quotes, as sprig does it: nil is left out. */
function quote(...values: unknown[]): string {
  const given = values.filter((value) => kindOf(value) !== 'nil');
  return given.map((value) => goQuote(print(value))).join(' ');
}

/** JSON as Go's encoding/json writes it: keys sorted, `<`, `>` and `&` escaped. */
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
  throw new TypeError(`${where} wants a text, not ${typeName(value)}`);
}
