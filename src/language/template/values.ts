/** A floating-point number that may be an integer: Go distinguishes 1.0 from 1, JavaScript does not. */
export class GoFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export type Kind = 'nil' | 'bool' | 'int' | 'float' | 'string' | 'slice' | 'map';

/** Returns Go's kind of a value: integers are ints, objects are maps with string keys. */
export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'string';
  if (value instanceof GoFloat) return 'float';
  return Array.isArray(value) ? 'slice' : 'map';
}

/** Returns the Go type of a value decoded from JSON, for messages. */
export function typeName(value: unknown): string {
  const kind = kindOf(value);
  const names: Partial<Record<Kind, string>> = {
    nil: '<nil>',
    float: 'float64',
    slice: '[]interface {}',
    map: 'map[string]interface {}',
  };
  return names[kind] ?? kind;
}

/** Returns the number of an int or float. */
export function numberOf(value: unknown): number {
  return value instanceof GoFloat ? value.value : Number(value);
}

/** Returns the entries of a map in the order of Go's templates: by key, compared as UTF-8 bytes. */
export function sortedEntries(map: unknown): [string, unknown][] {
  return Object.entries(map as Record<string, unknown>).sort(([one], [other]) => compareText(one, other));
}

/** Compares strings by their UTF-8 bytes, as Go; JavaScript's own order differs beyond U+FFFF. */
export function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Returns the truth of a value in Go's templates: false, 0, nil and empty values are false. */
export function isTrue(value: unknown): boolean {
  const kind = kindOf(value);
  if (kind === 'nil') return false;
  if (kind === 'bool' || kind === 'string') return Boolean(value);
  if (kind === 'int' || kind === 'float') return numberOf(value) !== 0;
  return Object.keys(value as object).length > 0;
}
