import type { ValuePath } from './reference-syntax.ts';
import {
  allows,
  alternatives,
  isRecord,
  type JsonSchema,
  type JsonType,
  memberSchemas,
  typeOf,
  typesOf,
} from './schema.ts';

/** A value that cannot be converted to the schema's type. */
export interface TypeMismatch {
  path: ValuePath;
  value: unknown;
  wanted: readonly JsonType[];
}

/**
 * Converts every part of a value to the schema's type, if nothing is lost: strings become numbers, booleans, objects or
 * arrays, and scalars and objects become strings. Values that cannot be converted are kept and added to `misfits`.
 */
export function convert(value: unknown, schema: JsonSchema, misfits: TypeMismatch[] = []): unknown {
  return convertBy(value, alternatives(schema, schema), schema, [], misfits);
}

function convertBy(
  value: unknown,
  schemas: JsonSchema[],
  root: JsonSchema,
  path: ValuePath,
  misfits: TypeMismatch[],
): unknown {
  const fitting = schemas.filter((schema) => allows(typesOf(schema) ?? [typeOf(value)], typeOf(value)));
  for (const schema of fitting) {
    const found: TypeMismatch[] = [];
    const converted = convertMembers(value, schema, root, path, found);
    // With several schemas the intended one is unknown: a value that fits none is left to the validation.
    if (found.length === 0 || fitting.length === 1) {
      misfits.push(...found);
      return converted;
    }
  }
  if (fitting.length > 0) return value;
  for (const schema of schemas) {
    for (const type of typesOf(schema) ?? []) {
      const converted = coerce(value, type);
      if (converted !== undefined) return convertMembers(converted, schema, root, path, misfits);
    }
  }
  if (schemas.length > 0) misfits.push({ path, value, wanted: schemas.flatMap((schema) => typesOf(schema) ?? []) });
  return value;
}

function convertMembers(
  value: unknown,
  schema: JsonSchema,
  root: JsonSchema,
  path: ValuePath,
  misfits: TypeMismatch[],
): unknown {
  const member = (one: unknown, key: string | number) =>
    convertBy(one, memberSchemas(schema, key, root), root, [...path, key], misfits);
  if (Array.isArray(value)) return value.map(member);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member(one, key)]));
}

/** Returns the value as another type; undefined when it cannot be converted. */
function coerce(value: unknown, type: JsonType): unknown {
  if (type === 'string') return value === null || value === undefined ? undefined : asText(value);
  if (typeof value !== 'string') return undefined;
  if (type === 'number' || type === 'integer') return numberOf(value, type);
  if (type === 'boolean') return booleans.get(value);
  let parsed: unknown;
  let exact = true;
  try {
    parsed = JSON.parse(value, (_, part: unknown) => {
      exact &&= isExact(part);
      return part;
    });
  } catch {
    return undefined;
  }
  if (!exact) return undefined;
  return allows([type], typeOf(parsed)) ? parsed : undefined;
}

const booleans = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);
/** A number in YAML 1.2's core schema (10.3.2), which includes JSON's numbers. */
const number = /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+)$/;

function numberOf(text: string, type: JsonType): number | undefined {
  const trimmed = text.trim();
  const parsed = number.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(parsed) && isExact(parsed) && allows([type], typeOf(parsed)) ? parsed : undefined;
}

/** Returns false for a number that a double cannot represent exactly. */
function isExact(value: unknown): boolean {
  return typeof value !== 'number' || (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));
}

/** Returns a value for use inside a text: strings unchanged, everything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
