import type { LogStore } from '../../model/ports/logs.ts';
import { readStreamHead } from './stream-head.ts';
import { LogWriter } from './writer.ts';

export interface BuildLog {
  /** Id of the log's stream, the same for every try. */
  stream: string;
  /** The build that the stream belongs to; tasks only show it. */
  buildId: string;
  /** Number of this try, from 1. */
  tried: number;
}

/** Stores the output of `work` as a build's log, whether it succeeds or fails. `print` waits while the store is behind. */
export async function writeBuildLog<T>(
  logs: LogStore,
  { stream, buildId, tried }: BuildLog,
  work: (print: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  await logs.open({ id: stream, taskId: buildId, attempt: 1, source: 'build' });
  const writer = new LogWriter(logs, stream, await readStreamHead(logs, stream));
  const add = (kind: 'out' | 'note', text: string): void => writer.add({ at: new Date().toISOString(), kind, text });
  if (tried > 1) add('note', `the build was interrupted and begins again: try ${tried}`);
  const print = (text: string): Promise<void> => {
    add('out', text);
    return writer.ready();
  };
  const [result] = await Promise.allSettled([work(print)]);
  await writer.close();
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
