import { DefaultLogger, Runtime, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** The SDK warns of what is regular here: queues without workflows, and tasks that end in Temporal as they ended in truth. */
const regular = ['No workflows registered', 'Workflow failed'];

/**
 * Sets up the Temporal SDK of this process, before any worker: its log goes to ours (its INFO is our debug), and signals are
 * left to the program, which stops its parts in order. With `metricsAddress` (IP address and port), the SDK's own metrics are
 * there under /metrics, for everybody who reaches it. May be called once a process. Throws `invalid_request` when it is taken.
 */
export function installRuntime(log: Logger, metricsAddress?: string): void {
  const metrics = metricsAddress !== undefined && { metrics: { prometheus: exporter(metricsAddress) } };
  try {
    install(log, metrics || {});
  } catch (error) {
    if (metricsAddress === undefined || !/metrics exporter/.test(String(error))) throw error;
    throw new Fault('invalid_request', `METRICS_ADDRESS=${metricsAddress} cannot be used: ${String(error)}`, {
      cause: error,
    });
  }
}

/** Names with `_total` and units, times in seconds: prometheus.io/docs/practices/naming. */
function exporter(bindAddress: string) {
  return { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
}

function install(log: Logger, metrics: TelemetryOptions): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => {
      const quiet = regular.some((text) => message.startsWith(text));
      log[quiet ? 'debug' : levels[level]]({ ...meta }, message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' }, ...metrics },
    shutdownSignals: [],
  });
}
