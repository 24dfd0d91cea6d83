import { flushCompileCache } from 'node:module';
import { Fault } from '../../model/fault.ts';
import { ConfigError } from '../config.ts';

/** What a program leaves running until it is told to stop. */
export interface Running {
  /** Settles when it ended by itself, which is an error. */
  done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a program until SIGINT or SIGTERM, then stops it gracefully; a second signal ends it at once. Mistakes of the user
 * are printed as a sentence, anything else with its stack; both exit with 1.
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
    // Not only at the exit, which one that is killed does not have. Nothing happens where there is no cache.
    flushCompileCache();
    try {
      await Promise.race([signalled, running.done]);
    } finally {
      await running.stop();
    }
  } catch (error) {
    process.exitCode = 1;
    console.error(explain(error));
  }
}

/** What parseArgs of node:util throws for arguments that do not exist or lack their value. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

/** An error as its reader needs it: a sentence and what to do for what was foreseen, the stack for what was not. */
export function explain(error: unknown): string {
  if (error instanceof Fault) return [error.message, error.hint].filter(Boolean).join('\n  ');
  if (error instanceof ConfigError || isArgumentError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
