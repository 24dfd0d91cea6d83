import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedServerPaths } from './cached.ts';
import { findOnPath, isExecutable, pathExists } from './find.ts';
import versions from './versions.json' with { type: 'json' };

/** A server of MongoDB's protocol. The kinds cannot read each other's files. */
export interface MongoEngine {
  title: string;
  /** Data path relative to `<home>/mongo`. */
  data: string;
  /** Path relative to `<home>/mongo` that exists once the engine has stored data. */
  mark: string;
  /** Options of the connection string. */
  options: string;
  /** Returns the command line for a port, or the reason why the engine is unavailable. */
  command(data: string): Promise<((port: number) => string[]) | string>;
}

/** Returns the engines in the order in which they are tried. */
export function mongoEngines(cache: string): MongoEngine[] {
  const cached = cachedServerPaths(cache);
  return [
    {
      title: 'mongod',
      data: 'mongod',
      mark: 'mongod/WiredTiger',
      // By default, mongod acknowledges a write up to 100 ms before it writes the journal.
      options: '?journal=true',
      async command(data) {
        const binary =
          (await findOnPath('mongod')) ?? ((await isExecutable(cached.mongod)) ? cached.mongod : undefined);
        if (!binary) return 'no mongod on PATH or in the cache';
        await mkdir(data, { recursive: true });
        return (port) => [binary, '--dbpath', data, '--bind_ip', '127.0.0.1', '--port', String(port)];
      },
    },
    {
      title: `mongo-java-server ${versions.mongoJavaServer}`,
      data: 'h2',
      mark: 'h2',
      options: '',
      async command(data) {
        const java = await findOnPath('java');
        if (!java) return 'no java on PATH';
        const folder = cached.mongoJavaServer;
        if (!(await pathExists(join(folder, 'Launcher.class')))) return 'no mongo-java-server in the cache';
        const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g'];
        const classes = `${folder}:${folder}/*`;
        return (port) => [java, ...options, '-cp', classes, 'Launcher', data, '127.0.0.1', String(port)];
      },
    },
  ];
}
