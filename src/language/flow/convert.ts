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

/** A value that could not be made what the schema wants. */
export interface Misfit {
  path: ValuePath;
  value: unknown;
  wanted: readonly JsonType[];
}

/**
 * A value with every part made the type that the schema names, where that loses nothing: texts become numbers, booleans,
 * objects or arrays, and scalars and objects become texts. What does not fit is left as it is and added to `misfits`.
 */
export function convert(value: unknown, schema: JsonSchema, misfits: Misfit[] = []): unknown {
  return convertBy(value, alternatives(schema, schema), schema, [], misfits);
}

function convertBy(
  value: unknown,
  schemas: JsonSchema[],
  root: JsonSchema,
  path: ValuePath,
  misfits: Misfit[],
): unknown {
  const fitting = schemas.filter((schema) => allows(typesOf(schema) ?? [typeOf(value)], typeOf(value)));
  for (const schema of fitting) {
    const found: Misfit[] = [];
    const converted = convertMembers(value, schema, root, path, found);
    // Among several schemas, which one is meant is not known: what fits none is left to the validation.
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
  misfits: Misfit[],
): unknown {
  const member = (one: unknown, key: string | number) =>
    convertBy(one, memberSchemas(schema, key, root), root, [...path, key], misfits);
  if (Array.isArray(value)) return value.map(member);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member(one, key)]));
}

/** The value as another type; undefined when it cannot be that. */
function coerce(value: unknown, type: JsonType): unknown {
  if (type === 'string') return value === null || value === undefined ? undefined : asText(value);
  if (typeof value !== 'string') return undefined;
  if (type === 'number' || type === 'integer') return numberOf(value, type);
  if (type === 'boolean') return booleans.get(value);
  let parsed: unknown;
  let exact = true;
  try {
    parsed = JSON.parse(value, (_, part: unknown) => {
      exact &&= holds(part);
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
/** A number as YAML 1.2's core schema writes it (10.3.2), JSON's among them. */
const number = /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+)$/;

function numberOf(text: string, type: JsonType): number | undefined {
  const trimmed = text.trim();
  const parsed = number.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(parsed) && holds(parsed) && allows([type], typeOf(parsed)) ? parsed : undefined;
}

/** False for a number that a double cannot hold: it would silently become another one. */
function holds(value: unknown): boolean {
  return typeof value !== 'number' || (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));
}

/** How a value reads inside a text: texts as they are, everything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
