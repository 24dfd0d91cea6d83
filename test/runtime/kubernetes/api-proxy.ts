import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Connection } from '../../../src/runtime/kubernetes/connection.ts';

/** Stands between a runtime and the API server, to break connections. */
export class ApiProxy {
  readonly connection: Connection;
  readonly #target: URL;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;

  private constructor({ server, sign }: Connection, listening: Server) {
    this.#target = new URL(server);
    this.#server = listening;
    this.#port = (listening.address() as AddressInfo).port;
    this.connection = { server: `https://127.0.0.1:${this.#port}`, sign };
    listening.on('connection', (client) => this.#pipe(client));
  }

  static async start(connection: Connection): Promise<ApiProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ApiProxy(connection, server);
  }

  #pipe(client: Socket): void {
    const upstream = connect(Number(this.#target.port || 443), this.#target.hostname);
    this.#sockets.add(client);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    client.on('close', () => this.#sockets.delete(client));
    upstream.on('error', () => client.destroy()).on('close', () => client.end());
    client.pipe(upstream).pipe(client);
  }

  /** Breaks all connections; new ones may be made. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Breaks all connections and takes no new ones. */
  async down(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async up(): Promise<void> {
    this.#server = createServer((client) => this.#pipe(client)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}
