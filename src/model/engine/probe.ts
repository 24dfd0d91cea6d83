import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

export interface ProbeTarget {
  address: string;
  port: number;
  /** Host name in the request. */
  host: string;
  /** Path of an HTTP probe; without it, a TCP connection is enough. */
  path?: string | undefined;
}

export interface ProbeResult {
  ready: boolean;
  /** True when nothing listens on the port. */
  refused: boolean;
  /** Request and result, for messages. */
  detail: string;
}

const answerTimeoutMs = 5_000;

/** Probes a service once: it is ready on HTTP 2xx or 3xx, or without a path on a TCP connection. */
export async function probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const { host, port, path } = target;
  const attempt = path === undefined ? `TCP ${host}:${port}` : `GET http://${host}:${port}${path}`;
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  const both = AbortSignal.any([signal, timeout]);
  try {
    if (path === undefined) await connectTo(target, both);
    const status = path === undefined ? 200 : await getStatus(target, path, both);
    const ready = status >= 200 && status < 400;
    return { ready, refused: false, detail: `${attempt} ${path === undefined ? 'connected' : `answered ${status}`}` };
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const reason = timeout.aborted ? `no answer within ${answerTimeoutMs / 1000} s` : code;
    return { ready: false, refused: code === 'ECONNREFUSED', detail: `${attempt}: ${reason}` };
  }
}

async function connectTo({ address, port }: ProbeTarget, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

function getStatus({ address, port, host }: ProbeTarget, path: string, signal: AbortSignal): Promise<number> {
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
