import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import Docker from 'dockerode';
import { parse } from 'yaml';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { readConfig } from '../../src/programs/config.ts';
import { createDemoRepository } from '../../src/programs/demo/make-repository.ts';
import { smokeFlow } from '../../src/programs/demo/runs.ts';
import { findFreePorts } from '../../src/programs/embedded/ports.ts';
import { composeText, containerOf, readCompose, variablesIn } from '../support/deploy/compose.ts';
import { createOwnNames } from '../support/deploy/own-names.ts';
import { greeterPlugin, uploadPlugin } from '../support/deploy/plugins.ts';
import { buildProduct } from '../support/deploy/product-image.ts';
import { root } from '../support/deploy/run.ts';
import { serveRepository } from '../support/deploy/serve-repository.ts';
import { allLines, runFlow } from '../support/e2e/client.ts';
import { settled, until } from '../support/e2e/system.ts';

const token = randomBytes(16).toString('hex');
const given = { BRIGHTBIRD_ADMIN_TOKEN: token, POSTGRES_PASSWORD: 'one', MONGO_PASSWORD: 'two', DOCKER_GID: '0' };

describe('docker-compose.yml', () => {
  test('is valid by the Compose Specification', async () => {
    const text = await readFile(join(root, 'node_modules/dclint/schemas/compose.schema.json'), 'utf8');
    const { $schema: _draft7, ...schema } = JSON.parse(text);
    const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    const valid = check(parse(await composeText(), { merge: true }));
    expect({ valid, errors: check.errors }).toEqual({ valid: true, errors: null });
  });

  test('has no default password: it does not start without one', async () => {
    const secrets = variablesIn(await composeText()).filter(({ name }) => /PASSWORD|TOKEN|SECRET/.test(name));
    expect(secrets.filter(({ kind, text }) => kind !== '?' && text !== '')).toEqual([]);
    for (const missing of Object.keys(given)) {
      await expect(readCompose({ ...given, [missing]: '' })).rejects.toThrow(`${missing} is not set`);
    }
  });

  test('uses only variables that docs/operate/deploy.md lists', async () => {
    const docs = await readFile(join(root, 'docs/operate/deploy.md'), 'utf8');
    const names = new Set(variablesIn(await composeText()).map(({ name }) => name));
    expect([...names].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });

  test('passes only known settings to server and worker', async () => {
    const { server, worker } = (await readCompose(given)).services;
    for (const { environment = {} } of [server, worker].flatMap((one) => one ?? [])) {
      const config: object = readConfig(environment);
      expect(Object.keys(environment).filter((name) => environment[name] !== '' && !(name in config))).toEqual([]);
    }
  });

  test('waits for services with health checks, keeps data in volumes, and opens no port without authentication', async () => {
    const { services, volumes } = await readCompose(given);
    const waited = Object.values(services).flatMap((service) => Object.keys(service.depends_on));
    expect(waited.filter((name) => services[name]?.healthcheck === undefined)).toEqual([]);
    const used = Object.values(services).flatMap((service) =>
      service.volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    expect(new Set(used.filter((name) => !name.startsWith('/')))).toEqual(new Set(Object.keys(volumes)));
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

const { REGISTRY } = process.env;
if (!REGISTRY) process.stderr.write('SKIPPED: server and worker by docker-compose.yml, as REGISTRY is not set\n');

(REGISTRY ? describe : describe.skip)('server and worker as docker-compose.yml has them', () => {
  const project = `brightbird-test-${randomBytes(4).toString('hex')}`;
  const docker = new Docker();
  const containers: Docker.Container[] = [];
  const undo: (() => unknown)[] = [];
  let api: ApiClient;
  let url: string;

  beforeAll(async () => {
    const image = `brightbird-test/${project}:1`;
    const { runnerBase } = await buildProduct(image);
    undo.push(() => docker.getImage(image).remove({ force: true }));
    const own = await createOwnNames(project);
    undo.push(own.drop);
    const [port = 0] = await findFreePorts(1);
    const group = (await stat('/var/run/docker.sock')).gid;
    const { services } = await readCompose({
      ...given,
      DOCKER_GID: String(group),
      BRIGHTBIRD_PORT: String(port),
    });
    // The other services of the file already run, at other addresses.
    const here = {
      TEMPORAL_ADDRESS: own.temporalAddress,
      TEMPORAL_NAMESPACE: project,
      MONGODB_URI: own.mongoUri.href,
      REGISTRY: REGISTRY ?? '',
      BASE_IMAGE: runnerBase,
    };
    const kept = services.server?.volumes.filter((volume) => !volume.startsWith('/')) ?? [];
    const volumes = kept.map((volume) => docker.getVolume(`${project}_${volume.split(':')[0]}`));
    undo.push(() => Promise.all(volumes.map((volume) => volume.remove({ force: true }))));
    undo.push(() => Promise.all(containers.map((container) => container.remove({ force: true }))));
    for (const name of ['server', 'worker']) {
      const service = services[name];
      if (!service) throw new Error(`the file has no ${name}`);
      const container = await docker.createContainer(containerOf(project, { ...service, image }, here));
      containers.push(container);
      await container.start();
    }
    url = `http://127.0.0.1:${port}`;
    api = new ApiClient(url, token);
  }, 600_000);

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  test('become healthy as a non-root user', async () => {
    await until(async () => {
      const states = await Promise.all(containers.map((container) => container.inspect()));
      return states.every(({ State }) => State.Health?.Status === 'healthy');
    });
    const users = await Promise.all(containers.map(async (container) => (await container.inspect()).Config.User));
    expect(users).toEqual(['1000:1000', '1000:1000']);
  });

  test('accept an uploaded plugin, and run a task with a component to its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brightbird-compose-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const repository = await createDemoRepository(join(root, 'examples/greeter'), join(folder, 'greeter'));
    const source = await serveRepository('127.0.0.1', repository.path);
    undo.push(source.close);
    await uploadPlugin({ url, token }, 'greeter.tar', await greeterPlugin(source.url));
    const task = await settled(api, await runFlow(api, smokeFlow));
    expect({ state: task.state, error: task.error }).toEqual({ state: 'success', error: undefined });
    const sources = new Set((await allLines(api, task.id)).map((line) => line.source));
    expect([...sources].sort()).toEqual(['build:greeter-deploy', 'greeter-0', 'runner']);
    const left = await docker.listContainers({ all: true, filters: { label: [`testid=${task.testId}`] } });
    expect(left).toEqual([]);
  });

  test('end within the grace period of the file when they are stopped', async () => {
    await Promise.all(containers.map((container) => container.stop()));
    const ends = await Promise.all(containers.map(async (container) => (await container.inspect()).State.ExitCode));
    expect(ends).toEqual([0, 0]);
  });
});
