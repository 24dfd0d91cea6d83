import { isRecord, type JsonSchema, resolvePointer } from './schema.ts';

/**
 * Safety limits, far above real schemas. `tries` limits the schemas that one value is compared with: nested branches
 * multiply. Compiling takes about 1 ms per schema.
 */
const max = { depth: 50, schemas: 2000, values: 20_000, characters: 500_000, tries: 10_000 };

/** Returns why a JSON Schema would cost too much to be compiled or used; undefined when it would not. */
export function findSchemaExcess(schema: JsonSchema): string | undefined {
  return sizeProblem(schema) ?? triesProblem(schema);
}

function sizeProblem(schema: JsonSchema): string | undefined {
  const count = { schemas: 0, values: 0, characters: 0 };
  const walk = (part: unknown, depth: number): string | undefined => {
    if (depth > max.depth) return `it is nested more than ${max.depth} levels deep`;
    count.values += 1;
    if (typeof part === 'string') count.characters += part.length;
    if (isRecord(part)) count.schemas += 1;
    if (count.schemas > max.schemas) return `it has more than ${max.schemas} objects`;
    if (count.values > max.values) return `it has more than ${max.values} values`;
    if (count.characters > max.characters) return `it has more than ${max.characters} characters`;
    if (typeof part !== 'object' || part === null) return undefined;
    for (const [key, member] of Object.entries(part)) {
      if (!Array.isArray(part)) count.characters += key.length;
      const problem = walk(member, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  };
  return walk(schema, 0);
}

/** Keywords whose schemas apply to the same value, not to its members. */
const inPlace = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', '$ref'];

function triesProblem(root: JsonSchema): string | undefined {
  const known = new Map<unknown, number>();
  const tries = (schema: unknown): number => {
    if (!isRecord(schema)) return 1;
    const found = known.get(schema);
    if (found !== undefined) return found;
    // Placeholder: reaching the same schema again for the same value means infinite recursion.
    known.set(schema, Number.POSITIVE_INFINITY);
    let sum = 1;
    for (const keyword of inPlace) {
      const value = schema[keyword];
      if (keyword === '$ref') sum += typeof value === 'string' ? tries(resolvePointer(value, root)) : 0;
      else if (Array.isArray(value)) for (const one of value) sum += tries(one);
      else if (keyword === 'dependentSchemas' && isRecord(value))
        for (const one of Object.values(value)) sum += tries(one);
      else if (isRecord(value)) sum += tries(value);
    }
    known.set(schema, sum);
    return sum;
  };
  const all = (part: unknown): string | undefined => {
    if (typeof part !== 'object' || part === null) return undefined;
    const count = tries(part);
    if (count === Number.POSITIVE_INFINITY) return 'it refers to itself for the same value, which never ends';
    if (count > max.tries) return `its branches multiply: one value is compared with more than ${max.tries} schemas`;
    for (const member of Object.values(part)) {
      const problem = all(member);
      if (problem) return problem;
    }
    return undefined;
  };
  return all(root);
}
