import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config.ts';

/**
 * Structured log of a program, one JSON object a line on stderr, so that stdout stays for people. A line names its process
 * and machine, as several programs may write to one place; an error is written with its type, message and stack in any field.
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

/** JSON.stringify makes `{}` of an error; pino itself looks after the field `err` alone. */
function withErrors(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error && name !== 'err' ? pino.stdSerializers.err(value) : value,
    ]),
  );
}
