import type { ErrorObject } from 'ajv';
import type { JsonSchema } from '../language/flow/schema.ts';
import { formOf } from '../model/image-reference.ts';

/** What breaks a schema: where inside the value (`.expect.headers[0]`), and what would be right. */
export interface SchemaMistake {
  path: string;
  message: string;
}

/**
 * As src/language/flow/compile-schema.ts, by which a flow is checked when it is saved, but without the check of the schema itself:
 * that has been done, and takes 40 ms of every run.
 */
const options = { allErrors: true, useDefaults: true, strict: false, validateSchema: false, logger: false } as const;

/** The first mistake of a value against a JSON Schema, or undefined; members that are missing get the schema's `default`. */
export async function checkSchema(value: unknown, schema: JsonSchema): Promise<SchemaMistake | undefined> {
  if (isOpen(schema)) return undefined;
  const { $schema, ...rest } = schema;
  const { default: Ajv } = /draft-0[467]/.test(String($schema))
    ? await import('ajv')
    : await import('ajv/dist/2020.js');
  const text = JSON.stringify(rest);
  const patterns =
    /"(?:format|pattern|patternProperties)"/.test(text) && (await import('../language/flow/linear-patterns.ts'));
  const ajv = new Ajv.default({ ...options, ...(patterns && { code: { regExp: patterns.linearRegExp } }) });
  if (patterns && text.includes('"format"')) patterns.addLinearFormats(ajv);
  const validate = ajv.compile(rest);
  if (validate(value)) return undefined;
  const errors = validate.errors ?? [];
  // Of an anyOf, the errors of its branches come first; the last one is about the whole.
  const error = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
  return error && { path: dotPath(error.instancePath), message: messageOf(error) };
}

/** A schema that says no more than "an object" needs no validator, whose loading takes longer than most steps' own work. */
function isOpen(schema: JsonSchema): boolean {
  return Object.entries(schema).every(([key, value]) => key === '$schema' || (key === 'type' && value === 'object'));
}

/** A JSON pointer (RFC 6901) as people write paths. */
function dotPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((token) => (/^\d+$/.test(token) ? `[${token}]` : `.${token}`))
    .join('');
}

function messageOf({ message = 'is wrong', keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `${message}: "${params.additionalProperty}"`;
  if (keyword === 'enum') return `${message}: ${JSON.stringify(params.allowedValues)}`;
  if (keyword === 'const') return `${message}: ${JSON.stringify(params.allowedValue)}`;
  const form = keyword === 'pattern' ? formOf(params.pattern) : undefined;
  return form ? `is not ${form}` : message;
}
