import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { isInRegistry } from '../../../src/build/images/registry.ts';

const account = { username: 'robot', password: 'a secret' };
const basic = `Basic ${Buffer.from('robot:a secret').toString('base64')}`;

type Answer = (request: IncomingMessage, response: ServerResponse, base: string) => void;

/** Asks a registry that answers so for `team/app:1`; answers with what was said of it, and what was asked. */
async function ask(answer: Answer): Promise<{ found: Promise<boolean>; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const found = isInRegistry(`127.0.0.1:${(server.address() as AddressInfo).port}/team/app:1`, account);
  await found.catch(() => undefined);
  server.closeAllConnections();
  server.close();
  return { found, asked };
}

describe('whether a registry has an image', () => {
  test('is asked by its manifest, with the account', async () => {
    const { found, asked } = await ask(({ headers }, response) => {
      response.writeHead(headers.authorization === basic && headers.accept?.includes('oci') ? 200 : 500).end();
    });
    expect(await found).toBe(true);
    expect(asked).toEqual(['HEAD /v2/team/app/manifests/1']);
  });

  test('is told by 404', async () => {
    const { found } = await ask((_request, response) => response.writeHead(404).end());
    expect(await found).toBe(false);
  });

  test('is asked again with a token where the registry wants one', async () => {
    const { found, asked } = await ask(({ url, headers }, response, base) => {
      if (url?.startsWith('/token')) return response.end(JSON.stringify({ token: 'of the realm' }));
      if (headers.authorization === 'Bearer of the realm') return response.writeHead(200).end();
      const challenge = `Bearer realm="${base}/token",service="here",scope="repository:team/app:pull"`;
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect(await found).toBe(true);
    expect(asked[1]).toBe('GET /token?service=here&scope=repository%3Ateam%2Fapp%3Apull');
  });

  test.each([403, 500])('is a fault that names the registry when it answers %d', async (status) => {
    const { found } = await ask((_request, response) => response.writeHead(status).end());
    await expect(found).rejects.toMatchObject({
      code: 'registry_refused',
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:\\d+ .*${status}`)),
      hint: expect.stringContaining('REGISTRY_USERNAME'),
    });
    await expect(found).rejects.not.toMatchObject({ message: expect.stringContaining('a secret') });
  });
});
