import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { service as health } from 'grpc-health-check';
import { loadService } from '../../../../src/adapters/images/buildkit/load-service.ts';
import { addServices, methods } from '../../../../src/adapters/images/buildkit/services.ts';
import { Fault } from '../../../../src/model/fault.ts';

const server = new Server();
let address: string;

beforeAll(async () => {
  addServices(server, {
    secrets: { NPM_TOKEN: 'a token' },
    async accountAt(host) {
      if (host === 'broken.invalid') throw new Fault('registry_refused', 'the file cannot be read');
      return host === 'docker.io' ? { username: 'hub', password: 'pw' } : undefined;
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
  address = `127.0.0.1:${port}`;
});
afterAll(() => server.forceShutdown());

/** Calls a method like the engine. */
function call(service: ServiceDefinition, method: string, request: object): Promise<unknown> {
  const client = new (makeGenericClientConstructor(service, ''))(address, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    client[method]?.(request, (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer)));
  }).finally(() => client.close());
}

test('a session lists its methods', () => {
  expect(methods).toEqual(
    expect.arrayContaining([
      '/moby.buildkit.secrets.v1.Secrets/GetSecret',
      '/moby.filesync.v1.Auth/Credentials',
      '/grpc.health.v1.Health/Check',
    ]),
  );
});

test('a session has a health service, without which the engine closes it about ten seconds into the build', async () => {
  expect(await call(health, 'Check', { service: '' })).toMatchObject({ status: 'SERVING' });
});

test('a secret is returned by its id, and an unknown id is not found', async () => {
  const secrets = loadService('secrets.proto', 'moby.buildkit.secrets.v1.Secrets');
  expect(await call(secrets, 'GetSecret', { ID: 'NPM_TOKEN' })).toEqual({ data: Buffer.from('a token') });
  for (const ID of ['OTHER', 'constructor', '']) {
    await expect(call(secrets, 'GetSecret', { ID })).rejects.toMatchObject({ code: status.NOT_FOUND });
  }
});

test('an account is returned for its own registry only', async () => {
  const auth = loadService('auth.proto', 'moby.filesync.v1.Auth');
  const hub = { Username: 'hub', Secret: 'pw' };
  expect(await call(auth, 'Credentials', { Host: 'registry-1.docker.io' })).toEqual(hub);
  expect(await call(auth, 'Credentials', { Host: 'other.invalid' })).toEqual({ Username: '', Secret: '' });
  await expect(call(auth, 'Credentials', { Host: 'broken.invalid' })).rejects.toMatchObject({
    details: 'the file cannot be read',
  });
});
