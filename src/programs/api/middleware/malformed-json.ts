import { Fault } from '../../../model/fault.ts';

/** A body that is no JSON, with the place of the mistake as far as the engine names it. */
export function malformedJson(text: string, cause: unknown): Fault {
  if (text.trim() === '') return new Fault('invalid_request', 'the body is empty, JSON is expected', { cause });
  const where = placeOf(text);
  const at = where ? ` at line ${where.line}, column ${where.column}` : '';
  return new Fault('invalid_request', `the body is not JSON${at}`, { ...(where && { where }), cause });
}

/** V8 says `… at position 12 (line 2 column 3)`, and of a text that ends too early nothing but that. */
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
