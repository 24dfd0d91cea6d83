import type { ErrorObject } from 'ajv';
import type { Mistake } from '../../model/fault.ts';
import { formOf } from '../../model/image-reference.ts';
import { compileSchema } from './compile-schema.ts';
import { convert } from './convert.ts';
import { hintFor } from './nearest.ts';
import { findReferences, inputPath, mapTexts, splitText, type ValuePath } from './reference-syntax.ts';
import { isRecord, type JsonSchema, typeOf } from './schema.ts';
import { withoutGuesses } from './unknown-values.ts';

export interface InputMistake extends Mistake {
  at: ValuePath;
  /** The mistake is the key at the end of `at`, not its value. */
  key?: boolean;
}

/** What the runner itself puts into every input. */
const injected = ['codeVersion', 'instanceName'];

/**
 * What in a step's input breaks its plugin's schema, as far as it can be said before the run: a value that holds references
 * may still become right. Throws what ajv throws when the schema itself is wrong.
 */
export function checkInput(input: Record<string, unknown>, schema: JsonSchema): InputMistake[] {
  const check = compileSchema(schema);
  const literal = mapTexts(input, (text) => {
    const pieces = splitText(text);
    return pieces.every((piece) => 'literal' in piece) ? pieces.map((piece) => piece.literal).join('') : text;
  });
  const value = convert(literal, schema);
  const unknown = findReferences(input).references.map(({ at }) => at);
  return withoutGuesses(check(value), unknown).flatMap(({ error, branches }) => describe(error, branches, value));
}

function describe(error: ErrorObject, branches: readonly ErrorObject[], value: unknown): InputMistake[] {
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
    const wrong = String(params.propertyName);
    const wanted = isRecord(error.parentSchema) && error.parentSchema.propertyNames;
    const hint = isRecord(wanted) && typeof wanted.description === 'string' ? wanted.description : undefined;
    return [
      { at: [...at, wrong], key: true, message: `${name}: the key ${JSON.stringify(wrong)} is not possible`, hint },
    ];
  }
  if (keyword === 'type') return [{ at, message: `${name}: ${error.message}, not ${typeOf(error.data)}` }];
  if (keyword === 'enum') return [{ at, message: `${name}: must be one of ${JSON.stringify(params.allowedValues)}` }];
  if (keyword === 'const') return [{ at, message: `${name}: must be ${JSON.stringify(params.allowedValue)}` }];
  const form = keyword === 'pattern' ? formOf(params.pattern) : undefined;
  if (form) return [{ at, message: `${name}: ${JSON.stringify(error.data).slice(0, 200)} is not ${form}` }];
  const reasons = [
    ...new Set(branches.map((branch) => `${inputPath(pathOf(branch.instancePath, value))} ${branch.message}`)),
  ];
  const hint = reasons.length > 0 ? reasons.slice(0, 5).join(', or ') : undefined;
  return [{ at, message: `${name}: ${error.message}`, ...(hint && { hint }) }];
}

/** The path of a JSON pointer (RFC 6901), with numbers for the indexes of arrays. */
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
