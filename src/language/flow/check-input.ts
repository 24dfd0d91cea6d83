import type { ErrorObject } from 'ajv';
import type { Issue } from '../../model/fault.ts';
import { describePattern } from '../../model/image-reference.ts';
import { hintFor } from './closest-match.ts';
import { compileSchema } from './compile-schema.ts';
import { convert } from './convert.ts';
import { dropIndeterminateErrors } from './indeterminate-errors.ts';
import { findReferences, inputPath, mapTexts, splitText, type ValuePath } from './reference-syntax.ts';
import { isRecord, type JsonSchema, typeOf } from './schema.ts';

export interface InputIssue extends Issue {
  at: ValuePath;
  /** The issue is the key at the end of `at`, not its value. */
  key?: boolean;
}

/** Members that the runner itself adds to every input. */
const injected = ['codeVersion', 'instanceName'];

/**
 * Validates a step's input against its plugin's schema before the run: a value with references may still become valid.
 * Throws ajv's error when the schema itself is invalid.
 */
export function checkInput(input: Record<string, unknown>, schema: JsonSchema): InputIssue[] {
  const check = compileSchema(schema);
  const literal = mapTexts(input, (text) => {
    const pieces = splitText(text);
    return pieces.every((piece) => 'literal' in piece) ? pieces.map((piece) => piece.literal).join('') : text;
  });
  const value = convert(literal, schema);
  const unknown = findReferences(input).references.map(({ at }) => at);
  return dropIndeterminateErrors(check(value), unknown).flatMap(({ error, branches }) =>
    describe(error, branches, value),
  );
}

function describe(error: ErrorObject, branches: readonly ErrorObject[], value: unknown): InputIssue[] {
  const at = pathOf(error.instancePath, value);
  const name = inputPath(at);
  const { params, keyword } = error;
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    if (at.length === 0 && injected.includes(missing)) return [];
    return [{ at, message: `${name}: "${missing}" is missing`, hint: descriptionOf(error.parentSchema, missing) }];
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const extra = String(params.additionalProperty ?? params.unevaluatedProperty);
    const known = Object.keys(propertiesOf(error.parentSchema)).filter((key) => !injected.includes(key));
    const hint = hintFor(extra, known, `keys of ${name}`);
    return [{ at: [...at, extra], key: true, message: `${name}: unknown key "${extra}"`, hint }];
  }
  if (keyword === 'propertyNames') {
    const invalid = String(params.propertyName);
    const expected = isRecord(error.parentSchema) && error.parentSchema.propertyNames;
    const hint = isRecord(expected) && typeof expected.description === 'string' ? expected.description : undefined;
    return [{ at: [...at, invalid], key: true, message: `${name}: invalid key ${JSON.stringify(invalid)}`, hint }];
  }
  if (keyword === 'type') return [{ at, message: `${name}: ${error.message}, not ${typeOf(error.data)}` }];
  if (keyword === 'enum') return [{ at, message: `${name}: must be one of ${JSON.stringify(params.allowedValues)}` }];
  if (keyword === 'const') return [{ at, message: `${name}: must be ${JSON.stringify(params.allowedValue)}` }];
  const form = keyword === 'pattern' ? describePattern(params.pattern) : undefined;
  if (form) return [{ at, message: `${name}: ${JSON.stringify(error.data).slice(0, 200)} is not ${form}` }];
  const reasons = [
    ...new Set(branches.map((branch) => `${inputPath(pathOf(branch.instancePath, value))} ${branch.message}`)),
  ];
  const hint = reasons.length > 0 ? reasons.slice(0, 5).join(', or ') : undefined;
  return [{ at, message: `${name}: ${error.message}`, hint }];
}

/** Returns the path of a JSON pointer (RFC 6901), with numbers for array indexes. */
function pathOf(pointer: string, value: unknown): ValuePath {
  let part = value;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const inArray = Array.isArray(part);
      part = typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[key] : undefined;
      return inArray ? Number(key) : key;
    });
}

function propertiesOf(schema: unknown): Record<string, unknown> {
  return isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
}

function descriptionOf(schema: unknown, name: string): string | undefined {
  const property = propertiesOf(schema)[name];
  return isRecord(property) && typeof property.description === 'string' ? property.description : undefined;
}
