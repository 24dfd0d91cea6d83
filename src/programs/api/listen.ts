import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Config, ConfigError } from '../config.ts';
import type { Api } from './env.ts';
import { assertSafeToListen } from './loopback.ts';

/** Ports that are tried without PORT. */
const firstPort = 8300;
const lastPort = 8399;
/**
 * Time before an idle connection is closed, in milliseconds. Longer than that of clients and proxies (nginx and load balancers: 60 s), so that
 * they close it and none sends a request on a connection that is just being closed.
 */
const keepAliveTimeout = 75_000;

export interface Listening {
  /** URL for clients on this machine, without a trailing slash. */
  url: string;
  /** Also ends open streams; their clients resume after their last event. */
  stop(): Promise<void>;
}

/** Listens on HOST and PORT, or on the first free port from 8300. Throws ConfigError when that fails or is unsafe. */
export async function listen(
  api: Api,
  config: Pick<Config, 'HOST' | 'PORT' | 'BRIGHTBIRD_ADMIN_TOKEN'>,
): Promise<Listening> {
  assertSafeToListen(config);
  const server = await firstFree(api, config);
  const { port } = server.address() as AddressInfo;
  const host = ['0.0.0.0', '::'].includes(config.HOST) ? 'localhost' : config.HOST;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function firstFree(api: Api, { HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>): Promise<Server> {
  for (let port = PORT ?? firstPort; ; port += 1) {
    try {
      return await open(api, HOST, port);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (isTaken && PORT === undefined && port < lastPort) continue;
      throw new ConfigError(`cannot listen on ${HOST}, port ${port}: ${String(error)}`, { cause: error });
    }
  }
}

function open(api: Api, hostname: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const options = { fetch: api.fetch, hostname, port, serverOptions: { keepAliveTimeout } };
    const server = serve(options, () => resolve(server)) as Server;
    server.once('error', reject);
  });
}
