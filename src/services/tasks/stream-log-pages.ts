import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { type LogPage, type LogRequest, readLogs } from '../logs/read.ts';
import type { TaskWatcher } from './task-watcher.ts';

export interface StreamLogPorts {
  logs: LogStore;
  watcher: TaskWatcher;
  log: Logger;
}

/** Milliseconds before a failed read of a page is repeated. */
const retryPauseMs = 500;

/**
 * Yields the pages of a task's log as they arrive, until the task is settled and all lines were returned, or `signal` is
 * aborted. Retries while MongoDB does not answer.
 */
export async function* streamLogPages(
  ports: StreamLogPorts,
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
        await setTimeout(retryPauseMs, undefined, { signal }).catch(() => undefined); // Aborted: the loop ends.
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

async function readPage({ logs, log }: StreamLogPorts, request: LogRequest): Promise<LogPage | undefined> {
  try {
    return await readLogs(logs, request);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unavailable') throw error;
    log.warn({ taskId: request.taskId, err: error }, 'cannot read the log; retrying');
    return undefined;
  }
}
