import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRegistry {
  host: string;
  /** Received requests in order: method, path and authorization. */
  asked: string[];
  close(): void;
}

/** Starts a local registry whose responses the test defines, for faults and tokens that a real one cannot produce on demand. */
export async function serveRegistry(answer: RequestListener): Promise<HttpRegistry> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers.authorization ?? '-'].join(' '));
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

/** Returns the header of Basic authentication. */
export const basicOf = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** Adds a token service to the registry that returns tokens with a scope, like Docker Hub and Harbor. */
export function tokenRegistry(account: string, digest: string, scope: string | undefined): RequestListener {
  return (request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const { authorization } = request.headers;
    if (url.pathname === '/service/token') {
      if (authorization !== account) return void response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      const token = `for ${url.searchParams.get('scope')} at ${url.searchParams.get('service')}`;
      return void response.end(JSON.stringify({ token, expires_in: 60 }));
    }
    if (authorization === 'Bearer for repository:team/greeter:pull at harbor') {
      const found = url.pathname.endsWith('/v1');
      return void response.writeHead(found ? 200 : 404, { 'docker-content-digest': digest }).end();
    }
    const parts = [`realm="http://${request.headers.host}/service/token"`, 'service="harbor"'];
    if (scope !== undefined) parts.push(`scope="${scope}"`);
    response.writeHead(401, { 'www-authenticate': `Bearer ${parts.join(',')}` }).end();
  };
}

/** Forwards a request to a real registry. */
export async function forward(origin: string, { method, url, headers }: IncomingMessage, response: ServerResponse) {
  const { accept = '*/*' } = headers;
  const answer = await fetch(`${origin}${url}`, { method: method ?? 'GET', headers: { accept } });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}
