import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';

/** Structured log of a program, one JSON object a line on stderr, so that stdout stays for people. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['authorization', '*.authorization', 'headers.authorization'],
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
