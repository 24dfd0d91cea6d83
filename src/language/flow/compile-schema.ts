import type { ErrorObject, Options } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { addLinearFormats, linearRegExp } from './linear-patterns.ts';
import type { JsonSchema } from './schema.ts';
import { findSchemaExcess } from './schema-limits.ts';

/** Returns all errors of a value against a schema. */
export type Check = (value: unknown) => ErrorObject[];

/** As in the run, missing members get their defaults: the check modifies the value. */
const options: Options = {
  allErrors: true,
  useDefaults: true,
  strict: false,
  verbose: true,
  logger: false,
  code: { regExp: linearRegExp },
};
/** Later work is quadratic in the number of errors. The last errors are about the whole value. */
const maxErrors = 500;
const maxCachedChecks = 500;
const cache = new Map<string, Check>();

/**
 * Compiles a JSON Schema (2020-12; draft 07 if `$schema` says so) and caches the check. Throws ajv's error when the schema
 * itself is invalid, and Error when it would cost too much.
 */
export function compileSchema(schema: JsonSchema): Check {
  const excess = findSchemaExcess(schema);
  if (excess) throw new Error(excess);
  const text = JSON.stringify(schema);
  const known = cache.get(text);
  if (known) return known;
  const { $schema, ...rest } = schema;
  const ajv = /draft-0[467]/.test(String($schema)) ? new Ajv(options) : new Ajv2020(options);
  addLinearFormats(ajv);
  const validate = ajv.compile(rest);
  const check: Check = (value) => (validate(value) ? [] : (validate.errors ?? []).slice(-maxErrors));
  const [oldest] = cache.keys();
  if (cache.size >= maxCachedChecks && oldest !== undefined) cache.delete(oldest);
  cache.set(text, check);
  return check;
}
