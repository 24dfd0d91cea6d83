import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Kind } from './documents.ts';

/** A document as YAML that is read as exactly this; texts of several lines are blocks, where YAML can keep them so. */
export function writeDocument(kind: Kind, said: Record<string, unknown>): string {
  const document = JSON.parse(JSON.stringify({ kind, ...said })) as unknown;
  const blocks = stringify(document, { blockQuote: 'literal', lineWidth: 0 });
  if (isDeepStrictEqual(parse(blocks), document)) return blocks;
  // A text of blanks alone loses some of them: as JSON, which is YAML too, it does not.
  return `${JSON.stringify(document, null, 2)}\n`;
}
