import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { killGroup } from '../../model/process-group.ts';

/** The guard's exit code when another server holds the data. */
export const lockedExit = 75;

const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));
/** A log that is longer when its server is started becomes `<log>.1`. */
const maxLogBytes = 10_000_000;

export interface Guarded {
  /** Resolves with the exit code once the server is gone; never rejects. */
  exited: Promise<number>;
  /** The last lines the server wrote. */
  lastLines(): Promise<string>;
  /** Asks the server to stop, kills it 10 s later, and waits until it is gone. */
  stop(): Promise<void>;
  /** Kills the server and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a server in a session of its own, where the terminal's Ctrl-C does not reach it, under a guard that ends it
 * when this process ends. What the server prints is added to the file `log`; only one server at a time holds `lock`.
 */
export async function startGuarded(command: readonly string[], files: { lock: string; log: string }): Promise<Guarded> {
  await rotate(files.log);
  const log = await open(files.log, 'a');
  await log.write(`--- started at ${new Date().toISOString()}\n`);
  const begin = (await log.stat()).size;
  const child = spawn(process.execPath, [guard, files.lock, ...command], {
    stdio: ['pipe', log.fd, log.fd],
    detached: true,
  });
  const { stdin } = child;
  if (!stdin) throw new Error('the guard has no standard input');
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      // A guard that was killed leaves its server, which would keep the ports and write the data.
      killGroup(child.pid, 'SIGKILL');
      resolve(code ?? exitCodeOf(signal));
    });
    child.once('error', () => resolve(127));
  });
  // The pipe breaks when the server ends by itself; `exited` tells that.
  stdin.on('error', () => stdin.destroy());
  await log.close();
  return {
    exited,
    async lastLines() {
      const printed = (await readFile(files.log)).subarray(begin).toString('utf8');
      return printed.trim().split('\n').slice(-8).join('\n');
    },
    async stop() {
      stdin.end();
      await exited;
    },
    async kill() {
      // The guard leads the process group of its server.
      killGroup(child.pid, 'SIGKILL');
      await exited;
    },
  };
}

/** The exit code of a process that a signal ended (POSIX, Exit Status for Commands). */
export function exitCodeOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 1 : 128 + constants.signals[signal];
}

async function rotate(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(log, `${log}.1`);
}
