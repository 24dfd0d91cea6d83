import { fieldTexts } from './field-texts.ts';
import { idTexts } from './id-parameters.ts';
import { jobFieldTexts } from './job-field-texts.ts';
import { type JsonSchema, longestSuffix, type OpenApiDocument, operationsOf, schemasOf } from './openapi-types.ts';
import { pluginFieldTexts } from './plugin-field-texts.ts';
import { taskFieldTexts } from './task-field-texts.ts';

const texts: Readonly<Record<string, string>> = {
  ...fieldTexts,
  ...idTexts,
  ...jobFieldTexts,
  ...taskFieldTexts,
  ...pluginFieldTexts,
};

/**
 * Adds the descriptions of this folder to every property and parameter of a document. Returns the unused descriptions and the
 * places without one; both must be empty.
 */
export function addDescriptions(document: OpenApiDocument): { unused: string[]; missing: string[] } {
  const unused = new Set(Object.keys(texts));
  const missing = new Set<string>();
  const describe = (target: { description?: string }, place: string): void => {
    if (target.description !== undefined) return;
    const key = longestSuffix(place, texts);
    if (key === undefined) missing.add(place);
    else {
      unused.delete(key);
      target.description = texts[key];
    }
  };
  const walk = (schema: JsonSchema, place: string): void => {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      describe(property, `${place}.${name}`);
      walk(property, `${place}.${name}`);
    }
    const { items, additionalProperties: values, allOf = [], anyOf = [], oneOf = [] } = schema;
    const parts = [items, typeof values === 'object' ? values : undefined, ...allOf, ...anyOf, ...oneOf];
    for (const part of parts) if (part) walk(part, place);
  };
  for (const { name, schema } of schemasOf(document)) walk(schema, name);
  for (const { operation } of operationsOf(document)) {
    for (const parameter of operation.parameters ?? []) {
      const description = parameter.description ?? parameter.schema?.description;
      if (description !== undefined) parameter.description = description;
      describe(parameter, `${operation.operationId}?${parameter.name}`);
    }
  }
  return { unused: [...unused], missing: [...missing] };
}
