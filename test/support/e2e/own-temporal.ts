import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/programs/config.ts';
import { cachedServers } from '../../../src/programs/embedded/cached.ts';
import { onPath } from '../../../src/programs/embedded/find.ts';
import { freePorts, listening } from '../../../src/programs/embedded/ports.ts';

export interface OwnTemporal {
  address: string;
  start(): Promise<void>;
  /** At once, as a crash does; its state is on disk. */
  stop(): Promise<void>;
  /** Stops it and removes its state. */
  remove(): Promise<void>;
}

/** A Temporal server of a test's own, with its dynamic settings, which can be away for a while and comes back at the same address. */
export async function createOwnTemporal(settings: Record<string, number> = {}): Promise<OwnTemporal> {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-temporal-'));
  const [port = 0] = await freePorts(1);
  const binary = (await onPath('temporal')) ?? cachedServers(readConfig(process.env).BRIGHTBIRD_CACHE).temporal;
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
      if (!(await listening(port, ended, 60_000))) throw new Error('Temporal did not start');
    },
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
