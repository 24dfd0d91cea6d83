import type { LogLine } from '../../model/log.ts';
import type { LogStore } from '../../model/ports/logs.ts';

/** Maximum length of a line in characters. */
const maxLineLength = 500;

/** Returns the last lines of a stream as its program printed them, for messages. Truncates long lines. */
export async function tailLines(logs: LogStore, streamId: string, count: number): Promise<string[]> {
  const lines: LogLine[] = [];
  const last = await logs.last(streamId);
  for (let chunk = last; chunk; [chunk] = chunk.n > 0 ? await logs.read(streamId, chunk.n - 1, 1) : []) {
    lines.unshift(...chunk.lines.filter(({ kind }) => kind === 'out' || kind === 'err').slice(-count));
    if (lines.length >= count) break;
  }
  return lines
    .slice(-count)
    .map(({ text }) => (text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text));
}
