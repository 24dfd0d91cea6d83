/**
 * `node guard.ts <lock file> <command> [args]`: runs a server for as long as standard input stays open, so that the
 * server ends with the program that started it, however that one ends. Exits with the server's code, or `lockedExit`.
 */
import { spawn } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { exitCodeOf, lockedExit } from './guarded.ts';

/** An earlier server on the same data may still be stopping, ten seconds at most. */
const lockTimeout = 15_000;
const killAfter = 10_000;

const [lockFile = '', command = '', ...args] = process.argv.slice(2);
// The lock is the kernel's, on a SQLite file: it ends with this process, whatever kills it.
const lock = new DatabaseSync(lockFile, { timeout: lockTimeout });
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
  setTimeout(() => server.kill('SIGKILL'), killAfter);
}
process.stdin.once('close', stop).on('error', () => process.stdin.destroy());
process.stdin.resume();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
