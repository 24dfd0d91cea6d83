import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** The SDK warns of what is regular here: queues without workflows, and tasks that end in Temporal as they ended in truth. */
const regular = ['No workflows registered', 'Workflow failed'];

/**
 * Sets up the Temporal SDK of this process, before any worker: its log goes to ours (its INFO is our debug), and signals are
 * left to the program, which stops its parts in order. May be called once a process.
 */
export function installRuntime(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => {
      const quiet = regular.some((text) => message.startsWith(text));
      log[quiet ? 'debug' : levels[level]]({ ...meta }, message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
    shutdownSignals: [],
  });
}
