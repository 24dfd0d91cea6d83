import { examples, valueExamples } from './examples.ts';
import { bodiesOf, type JsonSchema, longestSuffix, type OpenApiDocument, operationsOf } from './openapi-types.ts';

/**
 * Adds an example to every body and path parameter of a document: objects from `examples`, other values from `valueExamples`
 * and the schemas. Omits optional fields unless an example has them. Returns the places of strings without an example, which
 * must be none.
 */
export function addExamples(document: OpenApiDocument): string[] {
  const { schemas } = document.components;
  const missing = new Set<string>();
  const exampleOf = (schema: JsonSchema, place: string): unknown => {
    const key = longestSuffix(place, valueExamples);
    const of = (part: JsonSchema, where = place) => exampleOf(part, where);
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split('/').at(-1) ?? '';
      return examples[name] ?? of(schemas[name] ?? {}, name);
    }
    if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => of(part)));
    const [first] = schema.anyOf ?? schema.oneOf ?? [];
    if (schema.items) return [of(schema.items)];
    if (key !== undefined) return valueExamples[key];
    if (first) return of(first);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    if (schema.default !== undefined) return schema.default;
    if (schema.type === 'object') {
      const fields = (schema.required ?? []).map((name) => {
        return [name, of(schema.properties?.[name] ?? {}, `${place}.${name}`)];
      });
      return Object.fromEntries(fields);
    }
    if (schema.type === 'boolean') return true;
    if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1);
    if (schema.format === 'date-time') return '2026-11-30T02:00:00.000Z';
    missing.add(place);
    return '';
  };
  for (const { operation } of operationsOf(document)) {
    for (const { type, media } of bodiesOf(operation)) {
      if (!media.schema || !type.endsWith('json')) continue;
      media.example ??= exampleOf(media.schema, operation.operationId);
    }
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.schema || parameter.in !== 'path') continue;
      parameter.example ??= exampleOf(parameter.schema, `${operation.operationId}?${parameter.name}`);
    }
  }
  return [...missing];
}
