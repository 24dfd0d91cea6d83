import { parentPort } from 'node:worker_threads';
import { Fault } from '../../model/fault.ts';
import { operations, type TellPlace } from './operations.ts';
import type { ThreadMessage } from './thread-pool.ts';

// The thread's side of ThreadPool: a request is the name of an operation with its arguments.
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
const tell: TellPlace = (where) => say({ kind: 'at', where });

parentPort?.on('message', ({ name, args }: { name: keyof typeof operations; args: unknown[] }) => {
  say({ kind: 'begin', cpu: process.threadCpuUsage() });
  try {
    const operation = operations[name] as (tell: TellPlace, ...args: unknown[]) => unknown;
    say({ kind: 'done', json: JSON.stringify(operation(tell, ...args) ?? null) });
  } catch (error) {
    say(failure(error));
  }
});

function failure(error: unknown): ThreadMessage {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!(error instanceof Fault)) return { kind: 'failed', message };
  const { code, where, hint, mistakes } = error;
  return { kind: 'failed', message, fault: [code, error.message, { where, hint, mistakes }] };
}
