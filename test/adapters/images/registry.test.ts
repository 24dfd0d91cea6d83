import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { locateManifest } from '../../../src/adapters/images/manifest-url.ts';
import { findInRegistry } from '../../../src/adapters/images/registry.ts';
import { faultCatalogue } from '../../../src/model/fault.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import {
  basicOf,
  type HttpRegistry,
  serveRegistry,
  tokenRegistry,
} from '../../support/adapters/images/http-registry.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const account = { username: 'bird', password: 's3cret-of-the-bird' };
const basic = basicOf(account.username, account.password);
const closing: HttpRegistry[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});

async function registry(answer: RequestListener): Promise<HttpRegistry> {
  const one = await serveRegistry(answer);
  closing.push(one);
  return one;
}

describe('an image in a registry', () => {
  test('an image is found with its digest by a HEAD of its manifest of any media type', async () => {
    let kinds = '';
    const { host, asked } = await registry((request, response) => {
      kinds = request.headers.accept ?? '';
      response.writeHead(200, { 'docker-content-digest': digest }).end();
    });
    expect(await findInRegistry(`${host}/acme/greeter:v1`, undefined)).toEqual({ digest });
    expect(asked).toEqual(['HEAD /v2/acme/greeter/manifests/v1 -']);
    for (const kind of [
      'oci.image.index.v1',
      'oci.image.manifest.v1',
      'manifest.list.v2',
      'distribution.manifest.v2',
    ]) {
      expect(kinds).toContain(kind);
    }
  });

  test('an image is found also without a digest, and is missing after a 404', async () => {
    const { host } = await registry((request, response) => {
      response.writeHead(request.url?.endsWith('/there') ? 200 : 404).end();
    });
    expect(await findInRegistry(`${host}/greeter:there`, undefined)).toEqual({});
    expect(await findInRegistry(`${host}/greeter:gone`, undefined)).toBeUndefined();
  });

  test('a request has the account when the registry requires it', async () => {
    const { host } = await registry((request, response) => {
      const isRight = request.headers.authorization === basic;
      response.writeHead(isRight ? 200 : 401, { 'www-authenticate': 'Basic realm="registry"' }).end();
    });
    expect(await findInRegistry(`${host}/greeter:v1`, account)).toEqual({});
    expect(await faultOf(findInRegistry(`${host}/greeter:v1`, undefined))).toMatchObject({ code: 'registry_denied' });
  });

  test.each([
    ['has a scope', 'repository:team/greeter:pull'],
    ['does not', undefined],
  ])('a request has a token of the token service when the challenge %s', async (_, scope) => {
    const { host, asked } = await registry(tokenRegistry(basic, digest, scope));
    expect(await findInRegistry(`${host}/team/greeter:v1`, account)).toEqual({ digest });
    expect(await findInRegistry(`${host}/team/greeter:v2`, account)).toBeUndefined();
    expect(asked[1]).toBe(`GET /service/token?service=harbor&scope=repository%3Ateam%2Fgreeter%3Apull ${basic}`);
  });

  test('an image of Docker Hub is at its API host, with official images in library', () => {
    const hub = 'https://registry-1.docker.io/v2';
    expect(locateManifest('docker.io/acme/greeter:v1').url).toBe(`${hub}/acme/greeter/manifests/v1`);
    expect(locateManifest('docker.io/greeter:v1').url).toBe(`${hub}/library/greeter/manifests/v1`);
    expect(locateManifest('r.invalid:5000/a/b/c:v1').url).toBe('https://r.invalid:5000/v2/a/b/c/manifests/v1');
  });
});

describe('a failing registry is distinguished from a missing image: the fault names the registry and no secret', () => {
  const challenge = (text: string): RequestListener => {
    return (_request, response) => void response.writeHead(401, { 'www-authenticate': text }).end();
  };
  test.each<[string, RequestListener, string]>([
    ['fails', (_request, response) => void response.writeHead(500).end(), 'it answered 500'],
    ['is being restarted', (_request, response) => void response.writeHead(503).end(), 'it answered 503'],
    ['hangs up', (request) => void request.socket.destroy(), 'other side closed'],
    ['has an invalid URL of a token service', challenge('Bearer realm="nowhere"'), 'no valid token service'],
    ['has a token service without TLS', challenge('Bearer realm="http://evil.invalid/t"'), 'does not use https'],
    ['has an unreachable token service', challenge('Bearer realm="http://127.0.0.1:2/t"'), 'ECONNREFUSED'],
  ])('lookup fails for a registry that %s', async (_, answer, why) => {
    const { host } = await registry(answer);
    const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, account));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(why) });
    expect(fault.message).toContain(`the registry ${host} as bird`);
    for (const secret of [account.password, basic]) expect(JSON.stringify(fault.report())).not.toContain(secret);
  });

  test.each<[string, RequestListener, string]>([
    ['refuses the account', (_request, response) => void response.writeHead(403).end(), 'it answered 403'],
    ['requires an account without a challenge', (_request, response) => void response.writeHead(401).end(), '401'],
    ['has a token service that rejects it', tokenRegistry(basicOf('other', 'x'), digest, undefined), 'token service'],
  ])(
    'lookup fails with a configuration fault, which is not retried, for a registry that %s',
    async (_, answer, why) => {
      const { host } = await registry(answer);
      const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, account));
      expect(fault).toMatchObject({ code: 'registry_denied', message: expect.stringContaining(why) });
      expect(faultCatalogue[fault.code]).toMatchObject({ outcome: 'configuration', retryable: false });
      for (const secret of [account.password, basic]) expect(JSON.stringify(fault.report())).not.toContain(secret);
    },
  );

  test('lookup fails for an unreachable registry', async () => {
    const fault = await faultOf(findInRegistry('127.0.0.1:2/greeter:v1', undefined));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining('127.0.0.1:2') });
  });

  test('an abort ends the lookup in a registry that does not answer', async () => {
    const stop = new AbortController();
    const { host } = await registry(() => stop.abort(new Error('the task was stopped')));
    await expect(findInRegistry(`${host}/greeter:v1`, undefined, stop.signal)).rejects.toThrow('the task was stopped');
  });
});

describe('a registry that limits the rate of requests', () => {
  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 1500).toUTCString()],
  ])('a request is repeated at the time of Retry-After %s', async (_, retryAfter) => {
    const times: number[] = [];
    let opens = 0;
    const { host } = await registry((_request, response) => {
      times.push(Date.now());
      if (times.length > 1) return void response.writeHead(200).end();
      const value = retryAfter();
      opens = Number(value) > 0 ? Date.now() + Number(value) * 1000 : Date.parse(value);
      response.writeHead(429, { 'retry-after': value }).end();
    });
    expect(await findInRegistry(`${host}/greeter:v1`, undefined)).toEqual({});
    expect(times).toHaveLength(2);
    // The clock of a timer may be slightly ahead of the wall clock.
    expect(times[1]).toBeGreaterThanOrEqual(opens - 20);
  });

  test('a long Retry-After is a fault with the time, and no request is sent before it', async () => {
    const { host, asked } = await registry((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    for (const _ of [1, 2]) {
      const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, undefined));
      expect(fault).toMatchObject({
        code: 'registry_refused',
        message: expect.stringContaining('until 20'),
      });
    }
    expect(asked).toHaveLength(1);
  });

  test('an abort ends the wait for Retry-After', async () => {
    const stop = new AbortController();
    const { host } = await registry((_request, response) => {
      response.writeHead(429, { 'retry-after': '200' }).end(() => stop.abort(new Error('the task was stopped')));
    });
    await expect(findInRegistry(`${host}/greeter:v1`, undefined, stop.signal)).rejects.toThrow('the task was stopped');
  });
});
