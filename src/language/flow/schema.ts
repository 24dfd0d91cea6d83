/** A JSON Schema document or a part of one. */
export type JsonSchema = Record<string, unknown>;

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
const jsonTypes: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

const maxDepth = 32;
/** Limits of the plain schemas of a schema and of the steps to find them: nested branches multiply. */
const max = { alternatives: 32, steps: 2000 };

/** Returns true for an object that is not an array and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Expands a schema to the alternative plain schemas: follows local `$ref`s, expands `anyOf` and `oneOf`, and merges the
 * members of `allOf`. Recursive schemas end at a fixed depth.
 */
export function alternatives(schema: unknown, root: JsonSchema): JsonSchema[] {
  return expand(schema, root, 0, { steps: max.steps });
}

function expand(schema: unknown, root: JsonSchema, depth: number, left: { steps: number }): JsonSchema[] {
  left.steps -= 1;
  if (!isRecord(schema) || depth > maxDepth || left.steps < 0) return [];
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  let result: JsonSchema[] = [own];
  const combine = (others: JsonSchema[]) => {
    if (others.length > 0) {
      result = result.flatMap((one) => others.map((other) => merge(one, other))).slice(0, max.alternatives);
    }
  };
  if (typeof $ref === 'string') combine(expand(resolvePointer($ref, root), root, depth + 1, left));
  for (const part of Array.isArray(allOf) ? allOf : []) combine(expand(part, root, depth + 1, left));
  for (const parts of [anyOf, oneOf]) {
    if (Array.isArray(parts)) combine(parts.flatMap((part) => expand(part, root, depth + 1, left)));
  }
  return result;
}

/** Returns the types that a plain schema allows; undefined when it does not specify them. */
export function typesOf(schema: JsonSchema): JsonType[] | undefined {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => jsonTypes.includes(type));
  return types.length > 0 ? (types as JsonType[]) : undefined;
}

/** Returns the schemas of a member of a value; empty when unspecified. */
export function memberSchemas(schema: JsonSchema, key: string | number, root: JsonSchema): JsonSchema[] {
  if (typeof key === 'number') {
    const tuple = schema.prefixItems;
    const own = Array.isArray(tuple) && key < tuple.length ? tuple[key] : schema.items;
    return alternatives(own, root);
  }
  const { properties, additionalProperties } = schema;
  const own = isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return alternatives(own, root);
}

/** Returns the schemas of a member under any of several schemas, up to a limit. */
export function membersOfAll(schemas: readonly JsonSchema[], key: string | number, root: JsonSchema): JsonSchema[] {
  return schemas.flatMap((schema) => memberSchemas(schema, key, root)).slice(0, max.alternatives);
}

/** Returns the JSON Schema type of a value; `integer` for whole numbers. */
export function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

/** Returns true when a value of the type `type` is one of the allowed types. */
export function allows(types: readonly JsonType[], type: JsonType): boolean {
  return types.includes(type) || (type === 'integer' && types.includes('number'));
}

function merge(one: JsonSchema, other: JsonSchema): JsonSchema {
  const properties = { ...asRecord(other.properties), ...asRecord(one.properties) };
  return { ...other, ...one, ...(Object.keys(properties).length > 0 && { properties }) };
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** Resolves a local JSON pointer (`#/$defs/x`, RFC 6901) in the document; undefined when it does not exist. */
export function resolvePointer(ref: string, root: JsonSchema): unknown {
  if (!ref.startsWith('#')) return undefined;
  let part: unknown = root;
  for (const token of ref.slice(1).split('/').slice(1)) {
    const key = decodeToken(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as Record<string, unknown>)[key];
  }
  return part;
}

/** Decodes a token of a pointer; keeps one with an invalid escape (`%zz`) unchanged. */
function decodeToken(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
