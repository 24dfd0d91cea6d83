import { Fault } from '../../../model/fault.ts';

/** Returns the Fault of a body that is not JSON, with the place of the error if V8 reports it. */
export function malformedJson(text: string, cause: unknown): Fault {
  if (text.trim() === '') return new Fault('invalid_request', 'the body is empty; expected JSON', { cause });
  const where = placeOf(text);
  const at = where ? ` at line ${where.line}, column ${where.column}` : '';
  return new Fault('invalid_request', `the body is not valid JSON${at}`, { where, cause });
}

/** Parses V8's `… at position 12 (line 2 column 3)`. For a text that ends early, V8 reports no position. */
function placeOf(text: string): { line: number; column: number } | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    if (position === undefined && !message.includes('end of JSON')) return undefined;
    const lines = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  }
}
