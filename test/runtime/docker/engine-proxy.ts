import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stands between dockerode and the engine, to break connections. */
export interface EngineProxy {
  socketPath: string;
  /** Breaks all connections; new ones may be made. */
  cut(): void;
  /** Breaks all connections and takes no new ones. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startEngineProxy(engine = '/var/run/docker.sock'): Promise<EngineProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'brightbird-proxy-'));
  const socketPath = join(folder, 'engine.sock');
  const sockets = new Set<Socket>();
  let server: Server;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: EngineProxy = {
    socketPath,
    cut,
    async down() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
    async up() {
      server = createServer((client) => {
        const upstream = connect(engine);
        sockets.add(client);
        client.on('close', () => sockets.delete(client));
        client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
        upstream.on('error', () => client.destroy()).on('close', () => client.end());
        client.pipe(upstream).pipe(client);
      }).listen(socketPath);
      await once(server, 'listening');
    },
    async close() {
      await proxy.down();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await proxy.up();
  return proxy;
}
