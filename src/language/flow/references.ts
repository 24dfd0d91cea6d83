import { Fault } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import { asText, convert, type TypeMismatch } from './convert.ts';
import {
  globalSource,
  inputPath,
  mapTexts,
  type ReferenceText,
  referenceHint,
  secretSource,
  splitText,
  type ValuePath,
} from './reference-syntax.ts';
import { isRecord, type JsonSchema, typeOf } from './schema.ts';

/** Values for references: outputs of the finished steps by instance, globals and secrets. */
export interface ReferenceContext {
  nodes: Record<string, { input?: unknown; output?: unknown; masked?: string[][] }>;
  globals: Globals;
  secrets?: Readonly<Record<string, string>>;
}

/**
 * Replaces the references of an input by their values, and converts the result to the types of the plugin's input schema. A
 * text that is one reference becomes the value itself; inside other text, values become text, objects JSON. Inserted values
 * are not searched again. Throws `input_invalid` with the path in the input and a hint with the existing names.
 */
export function resolveInput(
  input: Record<string, unknown>,
  context: ReferenceContext,
  inputSchema: JsonSchema,
): Record<string, unknown> {
  const resolved = mapTexts(input, (text, at) => resolveText(text, at, context));
  const misfits: TypeMismatch[] = [];
  const converted = convert(resolved, inputSchema, misfits);
  const [misfit] = misfits;
  if (!misfit && isRecord(converted)) return converted;
  const { path, value, wanted } = misfit ?? { path: [], value: converted, wanted: ['object'] };
  throw new Fault('input_invalid', `a value of type ${typeOf(value)} cannot be converted to ${wanted.join(' or ')}`, {
    where: { path: inputPath(path) },
  });
}

function resolveText(text: string, at: ValuePath, context: ReferenceContext): unknown {
  const values = splitText(text).map((piece) => {
    if ('literal' in piece) return piece.literal;
    if ('source' in piece) return lookUp(piece, at, context);
    throw new Fault('input_invalid', `${piece.malformed} is not a reference`, {
      where: { path: inputPath(at) },
      hint: referenceHint,
    });
  });
  return values.length === 1 ? values[0] : values.map(asText).join('');
}

function lookUp({ text, source, path }: ReferenceText, at: ValuePath, context: ReferenceContext): unknown {
  const { nodes, globals, secrets = {} } = context;
  const missing = (problem: string, hint: string) =>
    new Fault('input_invalid', `${text}: ${problem}`, { where: { path: inputPath(at) }, hint });
  if (source === globalSource) {
    const name = path.join('.');
    if (Object.hasOwn(globals, name)) return globals[name];
    throw missing(`no global is named "${name}"`, `the globals are: ${list(Object.keys(globals))}`);
  }
  if (source === secretSource) {
    const name = path.join('.');
    if (Object.hasOwn(secrets, name)) return secrets[name];
    throw missing('the runner did not receive it', 'run the job again');
  }
  if (!Object.hasOwn(nodes, source)) {
    throw missing(`no step "${source}" has succeeded`, `the steps that have: ${list(Object.keys(nodes))}`);
  }
  let value = nodes[source]?.output;
  let seen = source;
  for (const key of path) {
    const next = member(value, key);
    if (next === undefined) throw missing(`${seen} has no "${key}"`, `${seen} is ${describe(value)}`);
    value = next;
    seen = `${seen}.${key}`;
  }
  const hidden = nodes[source]?.masked?.find((one) => isWithin(one, path) || isWithin(path, one));
  if (hidden) {
    const problem = `${[source, ...hidden].join('.')} contained a secret, which is not stored for a retry`;
    throw missing(problem, 'retry from the start, or with an input that names the secret itself: {{secret.name}}');
  }
  if (value === undefined) throw missing(`${source} has no output`, `${source} returned nothing`);
  return value;
}

function isWithin(path: readonly string[], parent: readonly string[]): boolean {
  return parent.every((key, index) => path[index] === key);
}

function member(value: unknown, key: string): unknown {
  if (Array.isArray(value) && !/^\d+$/.test(key)) return undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isRecord(value)) return `an object with: ${list(Object.keys(value))}`;
  return value === undefined ? 'without an output' : `of type ${typeOf(value)}`;
}

function list(names: string[]): string {
  if (names.length === 0) return 'none';
  return names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
}
