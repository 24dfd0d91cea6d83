import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertSafeToListen } from '../../../src/programs/api/loopback.ts';
import { ConfigError } from '../../../src/programs/config.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

const token = 'a-token-of-the-tests';

describe('with a token in the settings', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openApi({ token });
  });
  afterAll(() => api.close());

  test.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer another-token' }],
    ['the beginning of the token', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['the token and more', { authorization: `Bearer ${token}x` }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('a request with %s gets 401, also on loopback and for unknown paths', async (_what, headers) => {
    for (const path of ['/jobs', '/tasks/x', '/nothing', '/tasks/x/logs']) {
      const answer = await api.get(path, { ...headers, host: 'localhost' } as Record<string, string>);
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(JSON.stringify(answer.body)).not.toContain(token);
    }
    expect((await api.post('/jobs', {}, headers as Record<string, string>)).status).toBe(401);
  });

  test('the token is accepted under any host name, and runs belong to its user', async () => {
    const headers = { authorization: `Bearer ${token}`, host: 'brightbird.example.com' };
    expect((await api.get('/jobs', headers)).status).toBe(200);
    expect((await api.get('/jobs', { ...headers, authorization: `bearer ${token}` })).status).toBe(200);
  });

  test('probes and the API description need no token', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      expect((await api.send(path, {})).status).toBe(200);
    }
    const { body } = await api.send('/openapi.json', {});
    expect(body.security).toEqual([{ token: [] }]);
  });

  test('run requests with pending bodies do not count as in flight', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const server = serve({ fetch: api.api.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    const sockets: Socket[] = [];
    try {
      let taken = 0;
      server.on('request', () => {
        taken += 1;
      });
      const head = `POST /api/v1/jobs/none/run HTTP/1.1\r\nhost: localhost\r\nauthorization: ${headers.authorization}`;
      for (let count = 0; count < 70; count += 1) {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
        socket.write(`${head}\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\n`);
        sockets.push(socket);
      }
      while (taken < sockets.length) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await api.post('/jobs/none/run', {}, headers)).status).toBe(404);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  test('the log contains every request, and never the token', () => {
    expect(api.logged.join('')).toContain('"path":"/api/v1/jobs"');
    expect(api.logged.join('')).not.toContain(token);
  });
});

describe('without a token', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openApi();
  });
  afterAll(() => api.close());

  test.each(['localhost:8300', '127.0.0.1:8300', '[::1]:8300', 'LOCALHOST', '127.1.2.3'])(
    'a request of this machine under the name %s is accepted',
    async (host) => {
      expect((await api.get('/jobs', { host })).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1:8300', '0.0.0.0:8300', '@'])(
    'a page rebound to this machine is rejected by its host name %s',
    async (host) => {
      expect(await api.get('/jobs', { host })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    },
  );

  test('a page of another origin is rejected, whatever it sends', async () => {
    const headers = { origin: 'https://evil.example' };
    expect((await api.get('/jobs', headers)).status).toBe(403);
    expect((await api.post('/jobs', {}, headers)).status).toBe(403);
    expect((await api.get('/jobs', { origin: 'null' })).status).toBe(403);
    expect((await api.get('/jobs', { origin: 'http://localhost:5173' })).status).toBe(200);
  });

  test('a POST without a JSON content type, as from a foreign form, starts nothing', async () => {
    const id = await api.saveJob();
    const bare = await api.send(`/api/v1/jobs/${id}/run`, { method: 'POST' });
    expect(bare).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    const plain = await api.post(`/jobs/${id}/run`, '{}', { 'content-type': 'text/plain; x=application/json' });
    expect(plain.status).toBe(415);
    expect(api.orchestrator.runs).toEqual([]);
  });
});

describe('the server', () => {
  test.each(['127.0.0.1', 'localhost', '::1', '[::1]', '127.0.0.53'])('listens on %s without a token', (HOST) => {
    expect(() => assertSafeToListen({ HOST, BRIGHTBIRD_ADMIN_TOKEN: undefined })).not.toThrow();
  });

  test.each(['0.0.0.0', '::', '10.0.0.7', 'build.example.com', '127.0.0.1.example.com'])(
    'refuses to listen on %s without a token, with a hint',
    (HOST) => {
      const listen = () => assertSafeToListen({ HOST, BRIGHTBIRD_ADMIN_TOKEN: undefined });
      expect(listen).toThrow(ConfigError);
      expect(listen).toThrow(/BRIGHTBIRD_ADMIN_TOKEN/);
      expect(() => assertSafeToListen({ HOST, BRIGHTBIRD_ADMIN_TOKEN: token })).not.toThrow();
    },
  );
});
