import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { type LogPage, type LogRequest, readLogs } from '../logs/read.ts';
import type { TaskWatcher } from './task-watcher.ts';

export interface FollowPorts {
  logs: LogStore;
  watcher: TaskWatcher;
  log: Logger;
}

/** Milliseconds until a page is asked for again that MongoDB did not give. */
const pause = 500;

/**
 * The pages of a task's log as they come, until the task is settled and all was given, or the listener is gone. It waits
 * for a MongoDB that does not answer.
 */
export async function* followLog(
  ports: FollowPorts,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogPage, void, void> {
  const watch = ports.watcher.watch(request.taskId);
  try {
    let { after } = request;
    while (!signal.aborted) {
      const version = watch.version();
      const settled = watch.settled();
      const page = await readPage(ports, { ...request, after });
      if (!page) {
        await setTimeout(pause, undefined, { signal }).catch(() => undefined); // Aborted: the loop ends.
        continue;
      }
      after = page.nextCursor;
      if (page.items.length > 0) yield page;
      if (!page.ended) continue;
      if (settled) return;
      await watch.changedSince(version, signal);
    }
  } finally {
    watch.leave();
  }
}

async function readPage({ logs, log }: FollowPorts, request: LogRequest): Promise<LogPage | undefined> {
  try {
    return await readLogs(logs, request);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unavailable') throw error;
    log.warn({ task: request.taskId, err: error }, 'cannot read the log, trying again');
    return undefined;
  }
}
