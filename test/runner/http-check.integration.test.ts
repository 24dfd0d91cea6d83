import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { step, Work } from '../support/runner/harness.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function check(input: Record<string, unknown>) {
  await using work = await Work.create([step('check', 'http-check', input)]);
  const run = await work.run();
  return { end: run.end('check'), printed: run.printed };
}

describe('http-check', () => {
  test('http-check succeeds when the response is as expected, and returns it', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ method: request.method, agent: request.headers['x-agent'], list: [1, { a: 1, b: 2 }] }),
      );
    });
    const { end } = await check({
      url,
      method: 'POST',
      headers: { 'x-agent': 'me' },
      body: 'x',
      expect: { status: 200, bodyContains: 'POST', json: { method: 'POST', agent: 'me', list: [1, { a: 1, b: 2 }] } },
    });
    expect(end?.state).toBe('success');
    expect(end?.outputs).toMatchObject({ status: 200, json: { method: 'POST' }, durationMs: expect.any(Number) });
  });

  const answer: RequestListener = (request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/hello' }).end();
    else if (request.url === '/broken') request.socket.destroy();
    else if (request.url === '/json') response.end('{"a": {"b": [1, 2]}}');
    else if (request.url === '/hello') response.end('helo');
    else if (request.url !== '/slow') response.writeHead(500).end('out of beans');
  };
  const wrong: [string, object, RegExp][] = [
    [
      '/hello',
      { expect: { status: 200, body: 'hello' } },
      /^GET http:\S+\/hello: expected status 200 and body "hello", got 200 "helo"$/,
    ],
    ['/error', {}, /expected a 2xx status, got 500 "out of beans"/],
    [
      '/error',
      { expect: { bodyContains: 'milk' } },
      /expected a 2xx status and a body with "milk", got 500 "out of beans"/,
    ],
    [
      '/json',
      { expect: { json: { a: { b: [1, 3] } } } },
      /expected a 2xx status and json\.a\.b\[1\] 3, got 200 json\.a\.b\[1\] 2/,
    ],
    ['/hello', { expect: { json: {} } }, /expected a 2xx status and a JSON body, got 200 "helo"/],
    ['/moved', { expect: { status: 200 } }, /expected status 200, got 302/],
    ['/broken', {}, /the connection was closed before the answer was complete/],
    ['/slow', { timeoutSeconds: 0.3 }, /no complete answer within 0.3 s/],
  ];
  test.each(wrong)(
    'http-check of %s with %j reports the expected and the actual response',
    async (path, input, message) => {
      const url = await serve(answer);
      const { end } = await check({ url: url + path, ...input });
      expect(end).toMatchObject({
        state: 'error',
        error: { code: 'step_failed', message: expect.stringMatching(message) },
      });
    },
  );

  test('http-check reports a refused connection', async () => {
    const url = await serve(answer);
    servers[0]?.close();
    const { end } = await check({ url });
    expect(end?.error?.message).toMatch(/connection refused \(ECONNREFUSED 127.0.0.1:\d+\)/);
  });

  test('http-check reports an unknown host', async () => {
    const { end } = await check({ url: 'http://no-such-host.invalid/' });
    expect(end?.error?.message).toMatch(/no-such-host.invalid/);
    expect(end?.error?.code).toBe('step_failed');
  });

  test.each(['greeter:8080/hello', 'ftp://greeter/', ''])('http-check rejects the URL %j', async (url) => {
    const { end } = await check({ url });
    expect(end?.error).toMatchObject({ code: 'input_invalid', where: { path: 'input.url', step: 'check' } });
  });

  test('http-check retries exactly as often as configured', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200).end();
    });
    const good = await check({ url, retries: 2, retryDelaySeconds: 0.05 });
    expect(good.end?.state).toBe('success');
    expect(good.printed).toHaveLength(3);
    asked = 0;
    const bad = await check({ url, retries: 1, retryDelaySeconds: 0.05 });
    expect(bad.end?.error?.message).toMatch(/expected a 2xx status, got 503/);
    expect(asked).toBe(2);
  });

  test('the timeout of the step ends the wait for the next try of http-check', async () => {
    const url = await serve(answer);
    await using work = await Work.create([
      step('check', 'http-check', { url: `${url}/error`, retries: 5, retryDelaySeconds: 60 }, { timeoutMs: 500 }),
    ]);
    const run = await work.run();
    expect(run.end('check')?.error?.code).toBe('step_timeout');
  });
});
