import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config.ts';

/**
 * Creates the structured log of a program: one JSON object per line on stderr; stdout is for people. Each line has the pid and
 * the hostname, as several programs may share a log. An Error in any field is written with its type, message and stack.
 */
export function createLogger(
  config: Pick<Config, 'LOG_LEVEL'>,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['authorization', '*.authorization', 'headers.authorization'],
      formatters: { log: withErrors },
    },
    destination,
  );
}

/** Serializes errors: JSON.stringify returns `{}` for them, and pino handles only the field `err`. */
function withErrors(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error && name !== 'err' ? pino.stdSerializers.err(value) : value,
    ]),
  );
}
