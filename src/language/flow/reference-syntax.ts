import { z } from 'zod';
import { isRecord } from './schema.ts';

export type ValuePath = readonly (string | number)[];

/** `{{source.path}}` as it is written. `source` is an instance, `global` or `secret`. */
export interface ReferenceText {
  text: string;
  source: string;
  path: string[];
}

/** A reference in an input. */
export interface Reference extends ReferenceText {
  /** Where in the input the text is that holds it. */
  at: ValuePath;
  /** It is all of the text, so that its value keeps its type. */
  whole: boolean;
}

/** Braces in an input that are no reference. */
export interface MalformedReference {
  at: ValuePath;
  text: string;
}

export const globalSource = 'global';
export const secretSource = 'secret';
export const referenceHint =
  'write {{instance.path}}, {{global.name}} or {{secret.name}}; for braces as they are, put a backslash before them: \\{{';

type Piece = { literal: string } | { malformed: string } | ReferenceText;

const braces = /\\\{\{|\{\{(?:([^{}]*)\}\})?/g;
const reference = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[^.\s]+)*$/;

/** A text cut at its braces; never empty. `\{{` is the literal `{{`. */
export function splitText(text: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  let end = 0;
  const flush = () => {
    if (literal !== '') pieces.push({ literal });
    literal = '';
  };
  for (const match of text.matchAll(braces)) {
    literal += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0].startsWith('\\')) {
      literal += '{{';
      continue;
    }
    flush();
    const inner = match[1]?.trim() ?? '';
    const [source = '', ...path] = inner.split('.');
    pieces.push(reference.test(inner) ? { text: match[0], source, path } : { malformed: match[0] });
  }
  literal += text.slice(end);
  flush();
  return pieces.length > 0 ? pieces : [{ literal: '' }];
}

/** Every reference in an input with its place, in the order of the text, and every pair of braces that is none. */
export function findReferences(input: unknown): { references: Reference[]; malformed: MalformedReference[] } {
  const references: Reference[] = [];
  const malformed: MalformedReference[] = [];
  mapTexts(input, (text, at) => {
    const pieces = splitText(text);
    for (const piece of pieces) {
      if ('malformed' in piece) malformed.push({ at, text: piece.malformed });
      else if ('source' in piece) references.push({ at, ...piece, whole: pieces.length === 1 });
    }
    return text;
  });
  return { references, malformed };
}

/** A copy of a value with every text in it, however deep, replaced by what `change` makes of it. */
export function mapTexts(
  value: unknown,
  change: (text: string, at: ValuePath) => unknown,
  at: ValuePath = [],
): unknown {
  if (typeof value === 'string') return change(value, at);
  if (Array.isArray(value)) return value.map((one, index) => mapTexts(one, change, [...at, index]));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, change, [...at, key])]));
}

/** A path inside an input, written for people: `input.expect.headers[0]`. */
export function inputPath(path: ValuePath): string {
  return z.core.toDotPath(['input', ...path]);
}
