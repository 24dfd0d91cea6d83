import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Holder {
  process: ChildProcess;
  temporal: string;
  mongo: string;
  /** Returns the next line of JSON that the program prints. */
  next(): Promise<Record<string, unknown>>;
}

/** Creates an empty home for servers; `remove` waits until no process uses it. */
export async function temporaryHome(): Promise<{ home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-dev-'));
  return {
    home,
    async remove() {
      await until(async () => (await processesOf(home)).length === 0);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Starts a program in its own process group that runs both servers on `home`. */
export async function startHolder(home: string): Promise<Holder> {
  const file = fileURLToPath(new URL('./hold-servers.ts', import.meta.url));
  const child = spawn(process.execPath, [file, home], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await lines.next();
    if (!value) throw new Error(`the holder ended:\n${errors}`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const { temporal, mongo } = await next();
  return { process: child, temporal: String(temporal), mongo: String(mongo), next };
}

/** Kills only the program, as the kernel would. */
export async function killHolder(holder: Holder): Promise<void> {
  if (holder.process.exitCode !== null || holder.process.signalCode !== null) return;
  holder.process.kill('SIGKILL');
  await once(holder.process, 'exit');
}

/** Returns the ids of processes with `home` in their command line: guards and servers. */
export async function processesOf(home: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
  const lines = stdout.split('\n').filter((line) => line.includes(home));
  return lines.map((line) => Number.parseInt(line, 10));
}

/** Returns true when a server listens at `host:port` or at a MongoDB URI. */
export function listensAt(address: string): Promise<boolean> {
  const port = Number(/:(\d+)/.exec(address.replace('mongodb://', ''))?.[1]);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Waits for a condition, up to the timeout of the test. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}
