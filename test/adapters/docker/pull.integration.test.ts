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
/** What the registry answers, in order; the last one again and again. */
let answers: number[];
let asked: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/v2/') return void response.end('{}');
    const status = answers[Math.min(asked, answers.length - 1)] ?? 500;
    asked += 1;
    const code = { 404: 'MANIFEST_UNKNOWN', 401: 'UNAUTHORIZED', 429: 'TOOMANYREQUESTS' }[status] ?? 'UNKNOWN';
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  asked = 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** What came of it, and what was printed. */
async function ensure(image: string, status: number[]) {
  [answers, asked] = [status, 0];
  const printed: string[] = [];
  const waits: string[] = [];
  const { signal } = new AbortController();
  const request: Pick<ServiceRequest, 'docker' | 'image' | 'print' | 'tellWait' | 'signal'> & { place: object } = {
    docker,
    image,
    place: { instance: 'it' },
    print: async (line: string) => void printed.push(line),
    tellWait: async (wait) => void waits.push(wait ? `${wait.source} ${wait.reason}: ${wait.message}` : 'goes on'),
    signal,
  };
  const error: unknown = await ensureServiceImage(request as unknown as ServiceRequest).catch((reason) => reason);
  return { error, again: printed.filter((line) => line.includes('trying again')), waits };
}

describe("the pull of a component's image", () => {
  test.each([
    ['fails with 503', [503]],
    ['asks to wait with 429', [429]],
  ])(
    'is tried again, and is infrastructure in the end, where the registry %s',
    async (_, status) => {
      const { error, again } = await ensure(`${host}/none:1`, status);
      expect(error).toMatchObject({ code: 'registry_refused', message: expect.stringContaining(`${host}/none:1`) });
      expect(again).toHaveLength(3);
    },
    60_000,
  );

  test('is tried again where nothing listens', async () => {
    const { error, again } = await ensure('127.0.0.1:1/none:1', []);
    expect(error).toMatchObject({ code: 'registry_refused', message: expect.stringMatching(/refused/) });
    expect(again).toHaveLength(3);
  });

  test('is tried again where its host has no address', async () => {
    const { error, again } = await ensure('brightbird-test.invalid/none:1', []);
    expect([error, again.length]).toEqual([expect.objectContaining({ code: 'registry_refused' }), 3]);
  });

  test.each([
    ['has none of that name', [404]],
    ['wants an account', [401]],
  ])('is configuration, at once, where the registry %s', async (_, status) => {
    const { error, again } = await ensure(`${host}/none:1`, status);
    expect([error, again]).toEqual([expect.objectContaining({ code: 'image_missing' }), []]);
  });

  test('goes on as what comes after a fault that has passed', async () => {
    const { error, again, waits } = await ensure(`${host}/none:1`, [503, 503, 404]);
    expect(error).toMatchObject({ code: 'image_missing' });
    expect(again.length).toBeGreaterThan(0);
    const [first, ...others] = waits;
    expect(first).toBe(`it-0 image_pull: the engine pulls image ${host}/none:1`);
    expect(others.map((wait) => wait.replace('it-0 image_pull: ', 'it: '))).toEqual(again);
  });
});
