/** A JSON Schema document or a part of one. */
export type JsonSchema = Record<string, unknown>;

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
const jsonTypes: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

const maxDepth = 32;
/** Plain schemas that are told apart, and steps that finding them may take: branches multiply. */
const most = { alternatives: 32, steps: 2000 };

/** True for an object that is no array and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The plain schemas that a schema stands for, any of which may hold: local `$ref`s followed, `anyOf` and `oneOf` spread
 * out, the single members of `allOf` merged over it. Schemas that refer to themselves end at a fixed depth.
 */
export function alternatives(schema: unknown, root: JsonSchema): JsonSchema[] {
  return spread(schema, root, 0, { steps: most.steps });
}

function spread(schema: unknown, root: JsonSchema, depth: number, left: { steps: number }): JsonSchema[] {
  left.steps -= 1;
  if (!isRecord(schema) || depth > maxDepth || left.steps < 0) return [];
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  let result: JsonSchema[] = [own];
  const combine = (others: JsonSchema[]) => {
    if (others.length > 0) {
      result = result.flatMap((one) => others.map((other) => merge(one, other))).slice(0, most.alternatives);
    }
  };
  if (typeof $ref === 'string') combine(spread(follow($ref, root), root, depth + 1, left));
  for (const part of Array.isArray(allOf) ? allOf : []) combine(spread(part, root, depth + 1, left));
  for (const parts of [anyOf, oneOf]) {
    if (Array.isArray(parts)) combine(parts.flatMap((part) => spread(part, root, depth + 1, left)));
  }
  return result;
}

/** The types that a plain schema allows; undefined when it does not say. */
export function typesOf(schema: JsonSchema): JsonType[] | undefined {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => jsonTypes.includes(type));
  return types.length > 0 ? (types as JsonType[]) : undefined;
}

/** The schemas that hold for a member of a value; none when the schema says nothing of it. */
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

/** Returns the schemas that hold for a member under any of several schemas, of which only so many are told apart. */
export function membersOfAll(schemas: readonly JsonSchema[], key: string | number, root: JsonSchema): JsonSchema[] {
  return schemas.flatMap((schema) => memberSchemas(schema, key, root)).slice(0, most.alternatives);
}

/** Type of a value as JSON Schema names it; `integer` for whole numbers. */
export function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

/** True when a value of the type `type` is one of the allowed types. */
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

/** Returns the part of the document that a local JSON pointer (`#/$defs/x`, RFC 6901) names; undefined when there is none. */
export function follow(ref: string, root: JsonSchema): unknown {
  if (!ref.startsWith('#')) return undefined;
  let part: unknown = root;
  for (const token of ref.slice(1).split('/').slice(1)) {
    const key = decoded(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as Record<string, unknown>)[key];
  }
  return part;
}

/** A pointer with a broken escape (`%zz`) is taken as it stands. */
function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
