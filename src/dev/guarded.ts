import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The guard's exit code when another server holds the data. */
export const lockedExit = 75;

const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));

export interface Guarded {
  /** Resolves with the exit code once the server is gone; never rejects. */
  exited: Promise<number>;
  /** The last lines the server wrote. */
  lastLines(): Promise<string>;
  /** Asks the server to stop, kills it 10 s later, and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a server in a session of its own, where the terminal's Ctrl-C does not reach it, under a guard that ends it
 * when this process ends. What the server prints goes to the file `log`; only one server at a time holds `lock`.
 */
export async function startGuarded(command: readonly string[], files: { lock: string; log: string }): Promise<Guarded> {
  const log = await open(files.log, 'w');
  const child = spawn(process.execPath, [guard, files.lock, ...command], {
    stdio: ['pipe', log.fd, log.fd],
    detached: true,
  });
  const { stdin } = child;
  if (!stdin) throw new Error('the guard has no standard input');
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(127));
  });
  // The pipe breaks when the server ends by itself; `exited` tells that.
  stdin.on('error', () => stdin.destroy());
  await log.close();
  return {
    exited,
    async lastLines() {
      return (await readFile(files.log, 'utf8')).trim().split('\n').slice(-8).join('\n');
    },
    async stop() {
      stdin.end();
      await exited;
    },
  };
}
