import { DefaultLogger, Runtime, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** Warnings of the SDK that are normal here: queues without workflows, and workflows that fail with their task. */
const expectedWarnings = ['No workflows registered', 'Workflow failed'];

/**
 * Sets up the Temporal SDK of this process before any worker: forwards its log to ours (its INFO is our debug) and leaves signals
 * to the program. With `metricsAddress` (IP address and port), serves the SDK's metrics at /metrics without authentication.
 * May be called once per process. Throws `invalid_request` when the address cannot be used.
 */
export function installRuntime(log: Logger, metricsAddress?: string): void {
  const metrics = metricsAddress !== undefined && { metrics: { prometheus: exporter(metricsAddress) } };
  try {
    install(log, metrics || {});
  } catch (error) {
    if (metricsAddress === undefined || !/metrics exporter/.test(String(error))) throw error;
    throw new Fault('invalid_request', `cannot use METRICS_ADDRESS=${metricsAddress}: ${String(error)}`, {
      cause: error,
    });
  }
}

/** Configures metric names with `_total` and units, times in seconds: prometheus.io/docs/practices/naming. */
function exporter(bindAddress: string) {
  return { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
}

function install(log: Logger, metrics: TelemetryOptions): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => {
      const isExpected = expectedWarnings.some((text) => message.startsWith(text));
      log[isExpected ? 'debug' : levels[level]]({ ...meta }, message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' }, ...metrics },
    shutdownSignals: [],
  });
}
