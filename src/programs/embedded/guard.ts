/**
 * `node guard.ts <lock file> <command> [args]`: runs a server while standard input is open, so that the server ends with
 * the program that started it, even if that is killed. Exits with the server's code, or `lockedExit`.
 */
import { spawn } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { exitCodeOf, lockedExit } from './guarded.ts';

/** An earlier server on the same data may need ten seconds to stop. */
const lockTimeoutMs = 15_000;
const killTimeoutMs = 10_000;

const [lockFile = '', command = '', ...args] = process.argv.slice(2);
// A kernel lock on a SQLite file: released when this process ends, even if it is killed.
const lock = new DatabaseSync(lockFile, { timeout: lockTimeoutMs });
try {
  lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
} catch (error) {
  console.error(`cannot lock ${lockFile}:`, error);
  process.exit(lockedExit);
}

const server = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] });
server.on('error', (error) => {
  console.error(error);
  process.exit(127);
});
server.on('exit', (code, signal) => process.exit(code ?? exitCodeOf(signal)));

function stop(): void {
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), killTimeoutMs);
}
process.stdin.once('close', stop).on('error', () => process.stdin.destroy());
process.stdin.resume();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
