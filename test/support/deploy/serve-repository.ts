import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { run } from './run.ts';

/** Serves a bare copy of the repository at `path` over git's dumb HTTP protocol. */
export async function serveRepository(host: string, path: string): Promise<{ url: string; close(): void }> {
  const bare = `${path}.git`;
  await run('git', ['clone', '--quiet', '--bare', path, bare]);
  await run('git', ['-C', bare, 'update-server-info']);
  const server = createServer(async (request, response) => {
    const file = join(
      bare,
      normalize(new URL(request.url ?? '/', 'http://host').pathname).replace(/^\/greeter\.git/, ''),
    );
    if ((await stat(file).catch(() => undefined))?.isFile()) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/greeter.git`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
