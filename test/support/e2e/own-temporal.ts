import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/programs/config.ts';
import { cachedServerPaths } from '../../../src/programs/embedded/cached.ts';
import { findOnPath } from '../../../src/programs/embedded/find.ts';
import { findFreePorts, waitUntilListening } from '../../../src/programs/embedded/ports.ts';

export interface OwnTemporal {
  address: string;
  start(): Promise<void>;
  /** Kills the server like a crash; its state stays on disk. */
  stop(): Promise<void>;
  /** Stops the server and removes its state. */
  remove(): Promise<void>;
}

/** Starts a separate Temporal server with dynamic settings, which can be killed and restarted at the same address. */
export async function createOwnTemporal(settings: Record<string, number> = {}): Promise<OwnTemporal> {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-temporal-'));
  const [port = 0] = await findFreePorts(1);
  const binary = (await findOnPath('temporal')) ?? cachedServerPaths(readConfig(process.env).BRIGHTBIRD_CACHE).temporal;
  let server: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return {
    address: `127.0.0.1:${port}`,
    async start() {
      const database = join(folder, 'temporal.db');
      const options = ['--ip', '127.0.0.1', '--port', String(port), '--headless', '--db-filename', database];
      const dynamic = Object.entries(settings).flatMap(([name, value]) => [
        '--dynamic-config-value',
        `${name}=${value}`,
      ]);
      const command = ['server', 'start-dev', ...options, ...dynamic, '--log-level', 'never'];
      server = spawn(binary, command, { stdio: 'ignore' });
      const ended = once(server, 'exit');
      if (!(await waitUntilListening(port, ended, 60_000))) throw new Error('Temporal did not start');
    },
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
