import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { findInRegistry } from '../../../src/build/images/registry.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A registry on this machine; answers with its host. */
async function registry(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  closing.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const digest = `sha256:${'d'.repeat(64)}`;
const account = { username: 'bird', password: 'secret' };

describe('an image in a registry', () => {
  test('is found by a HEAD of its manifest, with its digest', async () => {
    const asked: unknown[] = [];
    const host = await registry((request, response) => {
      asked.push([request.method, request.url]);
      response.writeHead(200, { 'docker-content-digest': digest }).end();
    });
    expect(await findInRegistry(`${host}/acme/greeter:v1`, undefined)).toEqual({ digest });
    expect(asked).toEqual([['HEAD', '/v2/acme/greeter/manifests/v1']]);
  });

  test('is found also where the registry tells no digest, and is missing where it says 404', async () => {
    const host = await registry((request, response) => {
      response.writeHead(request.url?.endsWith('/there') ? 200 : 404).end();
    });
    expect(await findInRegistry(`${host}/greeter:there`, undefined)).toEqual({});
    expect(await findInRegistry(`${host}/greeter:gone`, undefined)).toBeUndefined();
  });

  test('is asked for with a token that the account gets where the registry wants one', async () => {
    const basic = `Basic ${Buffer.from('bird:secret').toString('base64')}`;
    const host: string = await registry((request, response) => {
      const { authorization } = request.headers;
      if (request.url?.startsWith('/token')) {
        const isRight = authorization === basic && request.url.includes('scope=repository%3Agreeter%3Apull');
        return void response.end(JSON.stringify({ token: isRight ? 'right' : 'wrong' }));
      }
      const challenge = `Bearer realm="http://${request.headers.host}/token",scope="repository:greeter:pull"`;
      if (authorization === 'Bearer right') response.writeHead(200, { 'docker-content-digest': digest }).end();
      else response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect(await findInRegistry(`${host}/greeter:v1`, account)).toEqual({ digest });
    await expect(findInRegistry(`${host}/greeter:v1`, undefined)).rejects.toMatchObject({ code: 'registry_refused' });
  });

  test('is not missing where the registry fails: the fault names the registry', async () => {
    const host = await registry((_request, response) => response.writeHead(500).end());
    const refused = { code: 'registry_refused', message: expect.stringContaining(host) };
    await expect(findInRegistry(`${host}/greeter:v1`, undefined)).rejects.toMatchObject(refused);
  });
});
