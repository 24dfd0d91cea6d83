import type { LogStore } from '../model/log.ts';
import { emptyTip } from './tip.ts';
import { LogWriter } from './writer.ts';

export interface BuildLog {
  /** Id of the log's stream, another one for every try of a build. */
  id: string;
  taskId: string;
  attempt: number;
  plugin: string;
}

/** Keeps what `work` prints as a log of the task, whether it succeeds or fails; a print waits while the store is behind. */
export async function writeBuildLog<T>(
  logs: LogStore,
  { id, taskId, attempt, plugin }: BuildLog,
  work: (print: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  await logs.open({ id, taskId, attempt, source: `build:${plugin}` });
  const writer = new LogWriter(logs, id, emptyTip);
  const print = (text: string): Promise<void> => {
    writer.add({ at: new Date().toISOString(), kind: 'out', text });
    return writer.ready();
  };
  const [result] = await Promise.allSettled([work(print)]);
  await writer.close();
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
