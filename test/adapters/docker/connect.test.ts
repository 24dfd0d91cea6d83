import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocker } from '../../../src/adapters/docker/connect.ts';

const stranger = createServer((_, response) => response.end('{"Id": "of a stranger"}'));
let asked = 0;
/** Engine that redirects every request, as the real one does for a path that it normalizes. */
const engine = createServer((_, response) => {
  response.writeHead(301, { location: `http://127.0.0.1:${portOf(stranger)}/` }).end();
});
const portOf = (server: typeof engine): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  stranger.on('request', () => {
    asked += 1;
  });
  for (const server of [stranger, engine]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  for (const server of [stranger, engine]) {
    server.close();
    server.closeAllConnections();
  }
});

test.each<[string, (docker: ReturnType<typeof connectDocker>) => Promise<unknown>]>([
  ['inspecting an image', (docker) => docker.getImage('x').inspect()],
  ['inspecting a volume', (docker) => docker.getVolume('x').inspect()],
  ['pulling an image', (docker) => docker.pull('x')],
  ['creating a container', (docker) => docker.createContainer({ Image: 'x' })],
  ['reading a log', (docker) => docker.getContainer('x').logs({ follow: true, stdout: true })],
])('throws an error for a redirect and does not follow it to another host: %s', async (_, call) => {
  const docker = connectDocker({ protocol: 'http', host: '127.0.0.1', port: portOf(engine) });
  await expect(call(docker)).rejects.toMatchObject({
    statusCode: 301,
    message: expect.stringContaining('answered with a redirect'),
  });
  expect(asked).toBe(0);
});

test.each(['/nginx', 'http://images/x', '../containers', 'a/../../b'])(
  'does not contact another host when the real engine normalizes the path of the name %s',
  async (name) => {
    await expect(connectDocker().getImage(name).inspect()).rejects.toMatchObject({ statusCode: expect.any(Number) });
  },
);
