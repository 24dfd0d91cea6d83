import type { ErrorObject, Options } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { addLinearFormats, linearRegExp } from './linear-patterns.ts';
import type { JsonSchema } from './schema.ts';
import { findSchemaExcess } from './schema-limits.ts';

/** All errors of a value against a schema; none when it holds. */
export type Check = (value: unknown) => ErrorObject[];

/** As in the run, a missing member gets its default: the value that is checked is changed by that. */
const options: Options = {
  allErrors: true,
  useDefaults: true,
  strict: false,
  verbose: true,
  logger: false,
  code: { regExp: linearRegExp },
};
/** More errors help nobody, and what is done with them takes the square of their number. The last ones are about the whole. */
const mostErrors = 500;
const mostKept = 500;
const kept = new Map<string, Check>();

/**
 * The check that a JSON Schema (2020-12; draft 07 where `$schema` says so) stands for, kept for the next time. Throws what
 * ajv throws when the schema itself is wrong, and Error when it would cost too much.
 */
export function compileSchema(schema: JsonSchema): Check {
  const excess = findSchemaExcess(schema);
  if (excess) throw new Error(excess);
  const text = JSON.stringify(schema);
  const known = kept.get(text);
  if (known) return known;
  const { $schema, ...rest } = schema;
  const ajv = /draft-0[467]/.test(String($schema)) ? new Ajv(options) : new Ajv2020(options);
  addLinearFormats(ajv);
  const validate = ajv.compile(rest);
  const check: Check = (value) => (validate(value) ? [] : (validate.errors ?? []).slice(-mostErrors));
  const [oldest] = kept.keys();
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  kept.set(text, check);
  return check;
}
