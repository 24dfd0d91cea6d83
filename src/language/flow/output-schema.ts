import { alternatives, isRecord, type JsonSchema, memberSchemas, typesOf } from './schema.ts';

/** The schemas at a path of an output schema (empty when unspecified), or the first missing key. */
export type AtPath = { schemas: JsonSchema[] } | { missing: string; after: string[]; known: string[] };

/** Resolves a reference's path in a plugin's output schema. */
export function schemaAtPath(root: JsonSchema, path: readonly string[]): AtPath {
  let schemas = alternatives(root, root);
  for (const [index, key] of path.entries()) {
    const open = schemas.filter((schema) => mayHave(schema, key));
    if (schemas.length > 0 && open.length === 0) {
      const known = [...new Set(schemas.flatMap((schema) => Object.keys(propertiesOf(schema))))];
      return { missing: key, after: path.slice(0, index), known };
    }
    schemas = open.flatMap((schema) => memberSchemas(schema, isArray(schema) ? Number(key) : key, root));
  }
  return { schemas };
}

/** Returns the possible types of a value; undefined when one of the schemas does not specify them. */
export function commonTypes(schemas: readonly JsonSchema[]): Set<string> | undefined {
  const types = new Set<string>();
  for (const schema of schemas) {
    const own = typesOf(schema);
    if (!own) return undefined;
    for (const type of own) types.add(type);
  }
  return types.size > 0 ? types : undefined;
}

/** Returns true when a value of the schema may have the key. A schema with properties has only those, unless it allows more. */
function mayHave(schema: JsonSchema, key: string): boolean {
  const types = typesOf(schema);
  if (isArray(schema)) return /^\d+$/.test(key);
  if (types && !types.includes('object') && !types.includes('array')) return false;
  const { properties, additionalProperties, patternProperties } = schema;
  if (!isRecord(properties)) return true;
  const more = additionalProperties === true || isRecord(additionalProperties) || isRecord(patternProperties);
  return more || Object.hasOwn(properties, key);
}

function isArray(schema: JsonSchema): boolean {
  const types = typesOf(schema);
  return types?.includes('array') === true && !types.includes('object');
}

function propertiesOf({ properties }: JsonSchema): Record<string, unknown> {
  return isRecord(properties) ? properties : {};
}
