import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { findOnPath, isExecutable } from '../../../../src/programs/embedded/find.ts';

const sbin = '/usr/sbin/mariadbd';
const server = (await findOnPath('mariadbd')) ?? ((await isExecutable(sbin)) ? sbin : undefined);
const installer = await findOnPath('mariadb-install-db');
export const hasMariadb = server !== undefined && installer !== undefined;
if (!hasMariadb) console.warn('SKIPPED: the tests of databases per test need mariadbd and mariadb-install-db on PATH');

/** Describes tests that need a MariaDB. */
export const describeMariadb = hasMariadb ? describe : describe.skip;

export interface Mariadb {
  password: string;
  /** Connection template as operators set it. */
  connTemplate: string;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Returns the names of the databases that are not the server's own. */
  databases(): Promise<string[]>;
  /** Stops the server until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a MariaDB for this test file, with its own data directory, port and account. */
export async function openMariadb(): Promise<Mariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-mariadb-'));
  const port = await freePort();
  const password = `pa:ss@w/${randomBytes(6).toString('hex')}`;
  const sizes = ['--innodb-log-file-size=4M', '--innodb-buffer-pool-size=8M', '--innodb-flush-log-at-trx-commit=0'];
  const base = ['--no-defaults', '--user=root', `--datadir=${folder}/data`, ...sizes];
  const install = [...base, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await promisify(execFile)(installer ?? '', install);
  let child: ReturnType<typeof spawn> | undefined;
  const connect = () => createConnection({ host: '127.0.0.1', port, user: 'root', password: '' });
  const database: Mariadb = {
    password,
    connTemplate: `tester:${password}@(127.0.0.1:${port})/%s?parseTime=true&loc=Local&charset=utf8mb4`,
    async query(sql) {
      const connection = await connect();
      try {
        const [rows] = await connection.query(sql);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      } finally {
        connection.destroy();
      }
    },
    async databases() {
      const names = (await database.query('SHOW DATABASES')).map(({ Database }) => String(Database));
      return names.filter((name) => !/^(mysql|sys|\w+_schema)$/.test(name)).sort();
    },
    async start() {
      const files = [`--socket=${folder}/socket`, `--pid-file=${folder}/pid`];
      const options = [...base, ...files, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-log-bin'];
      const started = spawn(server ?? '', options, { stdio: 'ignore' });
      child = started;
      for (;;) {
        if (started.exitCode !== null) throw new Error(`mariadbd ended with ${started.exitCode}`);
        const connection = await connect().catch(() => undefined);
        connection?.destroy();
        if (connection) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await database.start();
  await database.query(`CREATE USER tester@'%' IDENTIFIED BY '${password}'`);
  await database.query(`GRANT ALL ON *.* TO tester@'%'`);
  return database;
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, 'close');
  return port;
}
