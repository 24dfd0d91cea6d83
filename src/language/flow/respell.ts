import type { ValuePath } from './reference-syntax.ts';
import { allows, alternatives, isRecord, type JsonSchema, membersOfAll, typeOf, typesOf } from './schema.ts';

/**
 * Restores the written text (`1.10`, `0123`, `1e3`, `True`) of each number or boolean in an input where the schema expects
 * a string and does not allow the parsed value. `spelling` returns that text for a path in the input.
 */
export function respell(
  input: Record<string, unknown>,
  schema: JsonSchema,
  spelling: (path: ValuePath) => string | undefined,
): Record<string, unknown> {
  const walk = (value: unknown, schemas: readonly JsonSchema[], path: ValuePath): unknown => {
    if (typeof value === 'number' || typeof value === 'boolean') {
      return expectsText(value, schemas) ? (spelling(path) ?? value) : value;
    }
    if (typeof value !== 'object' || value === null || schemas.length === 0) return value;
    const member = (one: unknown, key: string | number) => {
      return walk(one, membersOfAll(schemas, key, schema), [...path, key]);
    };
    if (Array.isArray(value)) return value.map(member);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member(one, key)]));
  };
  const respelled = walk(input, alternatives(schema, schema), []);
  return isRecord(respelled) ? respelled : input;
}

function expectsText(value: unknown, schemas: readonly JsonSchema[]): boolean {
  const types = schemas.map(typesOf);
  if (types.length === 0 || types.some((one) => one === undefined || allows(one, typeOf(value)))) return false;
  return types.some((one) => one?.includes('string'));
}
