import type { ErrorObject } from 'ajv';
import type { JsonSchema } from '../language/flow/schema.ts';
import { describePattern } from '../model/image-reference.ts';

/** A violation of a schema: the path inside the value (`.expect.headers[0]`) and the requirement. */
export interface SchemaIssue {
  path: string;
  message: string;
}

/**
 * Same as src/language/flow/compile-schema.ts, which checks a flow when it is saved, but without validating the schema itself:
 * that is already done and takes 40 ms of every run.
 */
const options = { allErrors: true, useDefaults: true, strict: false, validateSchema: false, logger: false } as const;

/** Returns the first issue of a value against a JSON Schema, or undefined; fills missing members with the schema's `default`. */
export async function checkSchema(value: unknown, schema: JsonSchema): Promise<SchemaIssue | undefined> {
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
  // The errors of the branches of an anyOf come before the error about the whole.
  const error = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
  return error && { path: dotPath(error.instancePath), message: messageOf(error) };
}

/** Tells whether a schema requires only an object: it needs no validator, which takes longer to load than most steps to run. */
function isOpen(schema: JsonSchema): boolean {
  return Object.entries(schema).every(([key, value]) => key === '$schema' || (key === 'type' && value === 'object'));
}

/** Converts a JSON pointer (RFC 6901) to a path with dots and brackets. */
function dotPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((token) => (/^\d+$/.test(token) ? `[${token}]` : `.${token}`))
    .join('');
}

function messageOf({ message = 'is invalid', keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `${message}: "${params.additionalProperty}"`;
  if (keyword === 'enum') return `${message}: ${JSON.stringify(params.allowedValues)}`;
  if (keyword === 'const') return `${message}: ${JSON.stringify(params.allowedValue)}`;
  const form = keyword === 'pattern' ? describePattern(params.pattern) : undefined;
  return form ? `is not ${form}` : message;
}
