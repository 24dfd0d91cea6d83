import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Kind } from './documents.ts';

/** A document as YAML that is read as exactly this; texts of several lines are blocks, where YAML can keep them so. */
export function writeDocument(kind: Kind, said: Record<string, unknown>): string {
  const document = JSON.parse(JSON.stringify({ kind, ...said })) as unknown;
  const blocks = stringify(document, { blockQuote: 'literal', lineWidth: 0 });
  // A block loses carriage returns, among others.
  if (isDeepStrictEqual(parse(blocks), document)) return blocks;
  return stringify(document, { blockQuote: false, lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' });
}
