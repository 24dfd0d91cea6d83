import { alternatives, isRecord, type JsonSchema, memberSchemas, typesOf } from './schema.ts';

/** What an output schema says of a path: the schemas of what is there (none when it does not say), or where it ends. */
export type AtPath = { schemas: JsonSchema[] } | { missing: string; after: string[]; known: string[] };

/** Follows a reference's path into a plugin's output schema. */
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

/** The types that a value may have; undefined when one of the schemas does not say. */
export function commonTypes(schemas: readonly JsonSchema[]): Set<string> | undefined {
  const types = new Set<string>();
  for (const schema of schemas) {
    const own = typesOf(schema);
    if (!own) return undefined;
    for (const type of own) types.add(type);
  }
  return types.size > 0 ? types : undefined;
}

/** A schema that lists its properties has only those, unless it says that it has more. */
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
