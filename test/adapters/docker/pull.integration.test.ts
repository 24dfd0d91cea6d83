import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../../src/adapters/docker/connect.ts';
import { ensureServiceImage } from '../../../src/adapters/docker/services-image.ts';
import type { ServiceRequest } from '../../../src/adapters/docker/services-request.ts';

const docker = connectDocker();
let server: Server;
let host: string;
/** Statuses of the registry's answers, in order; the last one is repeated. */
let answers: number[];
let requests: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/v2/') return void response.end('{}');
    const status = answers[Math.min(requests, answers.length - 1)] ?? 500;
    requests += 1;
    const code = { 404: 'MANIFEST_UNKNOWN', 401: 'UNAUTHORIZED', 429: 'TOOMANYREQUESTS' }[status] ?? 'UNKNOWN';
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  requests = 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Ensures an image. Returns the error, the printed retries and the reported waits. */
async function ensure(image: string, status: number[], instance = 'it') {
  [answers, requests] = [status, 0];
  const printed: string[] = [];
  const waits: string[] = [];
  const { signal } = new AbortController();
  const request: Pick<ServiceRequest, 'docker' | 'image' | 'print' | 'tellWait' | 'signal'> & { place: object } = {
    docker,
    image,
    place: { instance },
    print: async (line: string) => void printed.push(line),
    tellWait: async (wait) => void waits.push(wait ? `${wait.source} ${wait.reason}: ${wait.message}` : 'goes on'),
    signal,
  };
  const error: unknown = await ensureServiceImage(request as unknown as ServiceRequest).catch((reason) => reason);
  return { error, retries: printed.filter((line) => line.includes('trying again')), waits };
}

describe('ensureServiceImage', () => {
  test.each([
    ['fails with 503', [503]],
    ['asks to wait with 429', [429]],
  ])(
    'retries the pull and ends with registry_refused when the registry %s',
    async (_, status) => {
      const { error, retries } = await ensure(`${host}/none:1`, status);
      expect(error).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(`${host}/none:1`) });
      expect(retries).toHaveLength(3);
    },
    60_000,
  );

  test('retries the pull when nothing listens', async () => {
    const { error, retries } = await ensure('127.0.0.1:1/none:1', []);
    expect(error).toMatchObject({ code: 'registry_refused', message: expect.stringMatching(/refused/) });
    expect(retries).toHaveLength(3);
  });

  test('retries the pull when the host has no address', async () => {
    const { error, retries } = await ensure('brightbird-test.invalid/none:1', []);
    expect([error, retries.length]).toEqual([expect.objectContaining({ code: 'registry_refused' }), 3]);
  });

  test.each([
    ['lacks the image', [404]],
    ['requires an account', [401]],
  ])('throws image_missing without a retry when the registry %s', async (_, status) => {
    const { error, retries } = await ensure(`${host}/none:1`, status);
    expect([error, retries]).toEqual([expect.objectContaining({ code: 'image_missing' }), []]);
  });

  test('throws the error that follows a temporary failure, and reports each retry as a wait', async () => {
    const { error, retries, waits } = await ensure(`${host}/none:1`, [503, 503, 404]);
    expect(error).toMatchObject({ code: 'image_missing' });
    expect(retries.length).toBeGreaterThan(0);
    const [first, ...others] = waits;
    expect(first).toBe(`it-0 image_pull: the engine pulls image ${host}/none:1`);
    expect(others.map((wait) => wait.replace('it-0 image_pull: ', 'it: '))).toEqual(retries);
  });

  test("reports waits with the source of the component's log, which keeps the spelling of its instance", async () => {
    const { waits } = await ensure(`${host}/none:1`, [404], 'My_Greeter');
    expect(waits).toEqual([`My_Greeter-0 image_pull: the engine pulls image ${host}/none:1`]);
  });
});
