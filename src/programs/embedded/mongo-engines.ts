import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedServers } from './cached.ts';
import { executable, exists, onPath } from './find.ts';
import versions from './versions.json' with { type: 'json' };

/** One way to serve MongoDB's protocol; the kinds do not read each other's files. */
export interface MongoEngine {
  title: string;
  /** Name of its data inside `<home>/mongo`. */
  data: string;
  /** What is there, inside `<home>/mongo`, once the engine has served data. */
  mark: string;
  /** Options of the connection string. */
  options: string;
  /** The command that serves `data` on a port, or why there is none. */
  command(data: string): Promise<((port: number) => string[]) | string>;
}

/** The engines in the order in which they are tried. */
export function mongoEngines(cache: string): MongoEngine[] {
  const cached = cachedServers(cache);
  return [
    {
      title: 'mongod',
      data: 'mongod',
      mark: 'mongod/WiredTiger',
      // Without it mongod acknowledges a write up to 100 ms before its journal is written.
      options: '?journal=true',
      async command(data) {
        const binary = (await onPath('mongod')) ?? ((await executable(cached.mongod)) ? cached.mongod : undefined);
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
        const java = await onPath('java');
        if (!java) return 'no java on PATH';
        const folder = cached.mongoJavaServer;
        if (!(await exists(join(folder, 'Launcher.class')))) return 'no mongo-java-server in the cache';
        const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g'];
        const classes = `${folder}:${folder}/*`;
        return (port) => [java, ...options, '-cp', classes, 'Launcher', data, '127.0.0.1', String(port)];
      },
    },
  ];
}
