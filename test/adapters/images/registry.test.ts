import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { manifestPlace } from '../../../src/adapters/images/manifest-url.ts';
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
  test('is found by a HEAD of its manifest, of whatever kind, with its digest', async () => {
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

  test('is found also where the registry tells no digest, and is missing where it says 404', async () => {
    const { host } = await registry((request, response) => {
      response.writeHead(request.url?.endsWith('/there') ? 200 : 404).end();
    });
    expect(await findInRegistry(`${host}/greeter:there`, undefined)).toEqual({});
    expect(await findInRegistry(`${host}/greeter:gone`, undefined)).toBeUndefined();
  });

  test('is asked for with the account where the registry wants that', async () => {
    const { host } = await registry((request, response) => {
      const isRight = request.headers.authorization === basic;
      response.writeHead(isRight ? 200 : 401, { 'www-authenticate': 'Basic realm="registry"' }).end();
    });
    expect(await findInRegistry(`${host}/greeter:v1`, account)).toEqual({});
    expect(await faultOf(findInRegistry(`${host}/greeter:v1`, undefined))).toMatchObject({ code: 'registry_denied' });
  });

  test.each([
    ['names what it is for', 'repository:team/greeter:pull'],
    ['does not', undefined],
  ])('is asked for with a token of the token service, whose challenge %s', async (_, scope) => {
    const { host, asked } = await registry(tokenRegistry(basic, digest, scope));
    expect(await findInRegistry(`${host}/team/greeter:v1`, account)).toEqual({ digest });
    expect(await findInRegistry(`${host}/team/greeter:v2`, account)).toBeUndefined();
    expect(asked[1]).toBe(`GET /service/token?service=harbor&scope=repository%3Ateam%2Fgreeter%3Apull ${basic}`);
  });

  test('is at the API of Docker Hub, where its own images are in a library', () => {
    const hub = 'https://registry-1.docker.io/v2';
    expect(manifestPlace('docker.io/acme/greeter:v1').url).toBe(`${hub}/acme/greeter/manifests/v1`);
    expect(manifestPlace('docker.io/greeter:v1').url).toBe(`${hub}/library/greeter/manifests/v1`);
    expect(manifestPlace('r.invalid:5000/a/b/c:v1').url).toBe('https://r.invalid:5000/v2/a/b/c/manifests/v1');
  });
});

describe('a registry that fails is not one that lacks the image: the fault names it, and no secret', () => {
  const challenge = (text: string): RequestListener => {
    return (_request, response) => void response.writeHead(401, { 'www-authenticate': text }).end();
  };
  test.each<[string, RequestListener, string]>([
    ['fails', (_request, response) => void response.writeHead(500).end(), 'it answered 500'],
    ['is being restarted', (_request, response) => void response.writeHead(503).end(), 'it answered 503'],
    ['hangs up', (request) => void request.socket.destroy(), 'other side closed'],
    ['names a token service that is no URL', challenge('Bearer realm="nowhere"'), 'no token service'],
    ['sends the account elsewhere in the clear', challenge('Bearer realm="http://evil.invalid/t"'), 'over https'],
    ['has a token service that is away', challenge('Bearer realm="http://127.0.0.1:2/t"'), 'ECONNREFUSED'],
  ])('one that %s', async (_, answer, why) => {
    const { host } = await registry(answer);
    const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, account));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(why) });
    expect(fault.message).toContain(`the registry ${host}, asked as bird,`);
    for (const secret of [account.password, basic]) expect(JSON.stringify(fault.report())).not.toContain(secret);
  });

  test.each<[string, RequestListener, string]>([
    ['refuses the account', (_request, response) => void response.writeHead(403).end(), 'it answered 403'],
    ['wants an account and does not say which', (_request, response) => void response.writeHead(401).end(), '401'],
    ['has a token service that refuses it', tokenRegistry(basicOf('other', 'x'), digest, undefined), 'token service'],
  ])('a registry that %s is a fault of the configuration, which no retry would change', async (_, answer, why) => {
    const { host } = await registry(answer);
    const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, account));
    expect(fault).toMatchObject({ code: 'registry_denied', message: expect.stringContaining(why) });
    expect(faultCatalogue[fault.code]).toMatchObject({ outcome: 'configuration', retryable: false });
    for (const secret of [account.password, basic]) expect(JSON.stringify(fault.report())).not.toContain(secret);
  });

  test('one that is not there', async () => {
    const fault = await faultOf(findInRegistry('127.0.0.1:2/greeter:v1', undefined));
    expect(fault).toMatchObject({ code: 'registry_refused', message: expect.stringContaining('127.0.0.1:2') });
  });

  test('one that does not answer, when whoever asks has given up', async () => {
    const stop = new AbortController();
    const { host } = await registry(() => stop.abort(new Error('the task was stopped')));
    await expect(findInRegistry(`${host}/greeter:v1`, undefined, stop.signal)).rejects.toThrow('the task was stopped');
  });
});

describe('a registry that was asked too often', () => {
  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 1500).toUTCString()],
  ])('is asked again after the time that it gives %s', async (_, retryAfter) => {
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
    // The clock of a timer may be a little ahead of the calendar's.
    expect(times[1]).toBeGreaterThanOrEqual(opens - 20);
  });

  test('for long is a fault that says until when, and nobody asks it again before', async () => {
    const { host, asked } = await registry((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    for (const _ of [1, 2]) {
      const fault = await faultOf(findInRegistry(`${host}/greeter:v1`, undefined));
      expect(fault).toMatchObject({
        code: 'registry_refused',
        message: expect.stringContaining('answers again at 20'),
      });
    }
    expect(asked).toHaveLength(1);
  });

  test('is waited for by nobody who has given up', async () => {
    const stop = new AbortController();
    const { host } = await registry((_request, response) => {
      response.writeHead(429, { 'retry-after': '200' }).end(() => stop.abort(new Error('the task was stopped')));
    });
    await expect(findInRegistry(`${host}/greeter:v1`, undefined, stop.signal)).rejects.toThrow('the task was stopped');
  });
});
