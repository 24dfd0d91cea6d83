import { z } from 'zod';
import { isRecord } from './schema.ts';

export type ValuePath = readonly (string | number)[];

/** A written `{{source.path}}`. `source` is an instance, `global` or `secret`. */
export interface ReferenceText {
  text: string;
  source: string;
  path: string[];
}

/** A reference in an input. */
export interface Reference extends ReferenceText {
  /** Path of the text in the input. */
  at: ValuePath;
  /** True when it is the whole text, so that its value keeps its type. */
  whole: boolean;
}

/** Braces in an input that are not a valid reference. */
export interface MalformedReference {
  at: ValuePath;
  text: string;
}

export const globalSource = 'global';
export const secretSource = 'secret';
export const referenceHint =
  'write {{instance.path}}, {{global.name}} or {{secret.name}}; for literal braces, put a backslash before them: \\{{';

type Piece = { literal: string } | { malformed: string } | ReferenceText;

const braces = /\\\{\{|\{\{(?:([^{}]*)\}\})?/g;
const reference = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[^.\s]+)*$/;

/** Splits a text at its braces; never returns an empty list. `\{{` is the literal `{{`. */
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

/** Finds all references in an input with their paths, in the order of the text, and all malformed ones. */
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

/** Returns a copy of a value with every string in it, at any depth, replaced by the result of `change`. */
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

/** Formats a path inside an input for messages: `input.expect.headers[0]`. */
export function inputPath(path: ValuePath): string {
  return z.core.toDotPath(['input', ...path]);
}
