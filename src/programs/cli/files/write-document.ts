import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Kind } from './documents.ts';

/** Serializes a document as YAML that parses to the same value. Multi-line strings become literal blocks where possible. */
export function writeDocument(kind: Kind, said: Record<string, unknown>): string {
  const document = JSON.parse(JSON.stringify({ kind, ...said })) as unknown;
  const blocks = stringify(document, { blockQuote: 'literal', lineWidth: 0 });
  if (isDeepStrictEqual(parse(blocks), document)) return blocks;
  // A block of blanks alone loses some; JSON, which is valid YAML, does not.
  return `${JSON.stringify(document, null, 2)}\n`;
}
