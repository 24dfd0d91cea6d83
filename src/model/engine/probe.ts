import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

export interface ProbeTarget {
  address: string;
  port: number;
  /** Name that the service is asked by. */
  host: string;
  /** Without it, a connection is enough. */
  path?: string | undefined;
}

export interface Probe {
  ready: boolean;
  /** Nothing listens on the port. */
  refused: boolean;
  /** What was asked and what came, for people. */
  saw: string;
}

/** Milliseconds that one answer may take. */
const patience = 5_000;

/** Asks a service once whether it is ready: HTTP 2xx or 3xx, or without a path a TCP connection. */
export async function probe(target: ProbeTarget, signal: AbortSignal): Promise<Probe> {
  const { host, port, path } = target;
  const asked = path === undefined ? `TCP ${host}:${port}` : `GET http://${host}:${port}${path}`;
  const limit = AbortSignal.timeout(patience);
  const both = AbortSignal.any([signal, limit]);
  try {
    if (path === undefined) await connected(target, both);
    const status = path === undefined ? 200 : await answered(target, path, both);
    const ready = status >= 200 && status < 400;
    return { ready, refused: false, saw: `${asked} ${path === undefined ? 'connected' : `answered ${status}`}` };
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = limit.aborted ? `no answer within ${patience / 1000} s` : code;
    return { ready: false, refused: code === 'ECONNREFUSED', saw: `${asked}: ${why}` };
  }
}

async function connected({ address, port }: ProbeTarget, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

function answered({ address, port, host }: ProbeTarget, path: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${host}:${port}` };
    request({ host: address, port, path, headers, agent: false, signal }, (response) => {
      response.on('error', () => {});
      response.destroy();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
