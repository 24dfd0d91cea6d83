import { flushCompileCache } from 'node:module';
import { Fault } from '../../model/fault.ts';
import { ConfigError } from '../config.ts';

/** A running program. */
export interface Running {
  /** Settles when the program ends without being asked, which is an error. */
  done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a program until SIGINT or SIGTERM, then stops it gracefully. A second signal ends it at once. User errors are printed
 * as a sentence, other errors with their stack; both exit with 1.
 */
export async function main(start: () => Promise<Running>): Promise<void> {
  try {
    const signalled = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => {
          process.once(signal, () => process.exit(130));
          resolve();
        });
      }
    });
    const running = await start();
    // Node writes the cache at exit only, which a killed process never reaches. A no-op without a cache.
    flushCompileCache();
    try {
      await Promise.race([signalled, running.done]);
    } finally {
      await running.stop();
    }
  } catch (error) {
    process.exitCode = 1;
    console.error(formatError(error));
  }
}

/** Detects the errors of parseArgs (node:util) for unknown arguments and missing values. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

/** Formats an error for the user: message and hint of an expected error, the stack of any other. */
export function formatError(error: unknown): string {
  if (error instanceof Fault) return [error.message, error.hint].filter(Boolean).join('\n  ');
  if (error instanceof ConfigError || isArgumentError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
