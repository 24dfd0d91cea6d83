import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { killGroup } from '../../model/process-group.ts';

/** Exit code of the guard when another server has locked the data. */
export const lockedExit = 75;

const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));
/** Size from which a log is rotated to `<log>.1` when its server starts. */
const maxLogBytes = 10_000_000;

export interface Guarded {
  /** Resolves with the exit code when the server has exited; never rejects. */
  exited: Promise<number>;
  /** Returns the last eight lines that the server has printed. */
  lastLines(): Promise<string>;
  /** Asks the server to stop, kills it after 10 s, and waits until it has exited. */
  stop(): Promise<void>;
  /** Kills the server and waits until it has exited. */
  kill(): Promise<void>;
}

/**
 * Starts a server in its own session, out of reach of the terminal's Ctrl-C, under a guard that ends it when this process
 * ends. Appends the server's output to the file `log`. Only one server at a time holds `lock`.
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
      // A killed guard leaves its server running, with the ports and the data.
      killGroup(child.pid, 'SIGKILL');
      resolve(code ?? exitCodeOf(signal));
    });
    child.once('error', () => resolve(127));
  });
  // The pipe breaks when the server exits; `exited` reports that.
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

/** Returns the exit code of a process that a signal ended (POSIX, Exit Status for Commands). */
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
