import { parentPort } from 'node:worker_threads';
import { Fault } from '../../model/fault.ts';
import { operations, type ReportPlace } from './operations.ts';
import type { ThreadMessage } from './thread-pool.ts';

// The worker side of ThreadPool: a request is the name of an operation with its arguments.
const post = (message: ThreadMessage): void => parentPort?.postMessage(message);
const reportPlace: ReportPlace = (where) => post({ kind: 'at', where });

parentPort?.on('message', ({ name, args }: { name: keyof typeof operations; args: unknown[] }) => {
  post({ kind: 'begin', cpu: process.threadCpuUsage() });
  try {
    const operation = operations[name] as (tell: ReportPlace, ...args: unknown[]) => unknown;
    post({ kind: 'done', json: JSON.stringify(operation(reportPlace, ...args) ?? null) });
  } catch (error) {
    post(failure(error));
  }
});

function failure(error: unknown): ThreadMessage {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!(error instanceof Fault)) return { kind: 'failed', message };
  const { code, where, hint, issues } = error;
  return { kind: 'failed', message, fault: [code, error.message, { where, hint, issues }] };
}
