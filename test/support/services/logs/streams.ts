import type { LogChunk, LogKind, LogStream } from '../../../../src/model/log.ts';
import type { LogStore } from '../../../../src/model/ports/logs.ts';
import { type LogItem, type LogRequest, readLogs } from '../../../../src/services/logs/read.ts';
import { readStreamHead } from '../../../../src/services/logs/stream-head.ts';
import { type LineContext, LogWriter } from '../../../../src/services/logs/writer.ts';

/** Returns a timestamp with nine fraction digits, `milliseconds` after noon. */
export function at(milliseconds: number): string {
  return `${new Date(Date.UTC(2026, 10, 23, 12) + milliseconds).toISOString().slice(0, -1)}000000Z`;
}

export interface Line {
  at: string;
  text: string;
  kind?: LogKind;
  context?: LineContext;
}

/** Returns lines of the texts, a millisecond apart from `from` on. */
export function linesFrom(from: number, texts: readonly string[], context?: LineContext): Line[] {
  return texts.map((text, index) => ({ at: at(from + index), text, context }));
}

/** Appends lines to a stream by a new writer that is closed at once. */
export async function append(logs: LogStore, stream: LogStream, lines: readonly Line[]): Promise<void> {
  await logs.open(stream);
  const writer = new LogWriter(logs, stream.id, await readStreamHead(logs, stream.id));
  for (const { at, text, kind = 'out', context } of lines) writer.add({ at, kind, text }, context);
  await writer.close();
}

export function runnerStream(taskId: string, more: Partial<LogStream> = {}): LogStream {
  const stream = { taskId, attempt: 1, source: 'runner', ...more };
  return { id: `${taskId}/${stream.source}-${stream.attempt}`, ...stream };
}

/** Returns all chunks of a stream. */
export async function chunksOf(logs: LogStore, stream: string): Promise<LogChunk[]> {
  return logs.read(stream, 0, 1000);
}

export function textsOf(items: readonly (LogItem | { text: string })[]): string[] {
  return items.map((item) => ('text' in item ? item.text : '(gap)'));
}

/** Reads all stored items page by page, and returns them with the cursor behind them. */
export async function readAll(logs: LogStore, request: LogRequest): Promise<{ items: LogItem[]; after: string }> {
  const items: LogItem[] = [];
  for (let { after } = request; ; ) {
    const page = await readLogs(logs, { ...request, after });
    items.push(...page.items);
    after = page.nextCursor;
    if (page.ended) return { items, after };
  }
}
