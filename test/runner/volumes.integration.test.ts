import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { pino } from 'pino';
import { createDockerRuntime } from '../../src/adapters/docker/docker-runtime.ts';
import type { WorkFile } from '../../src/model/work.ts';
import { ensureBaseImage } from '../../src/programs/embedded/base-image.ts';
import { step, Work } from '../support/runner/harness.ts';

const docker = new Docker();
const testId = randomBytes(4).toString('hex');
const labels = { testid: testId, 'brightbird.dev/run-id': `run-${testId}` };
const network = `brightbird-${testId}`;
const runtime = createDockerRuntime({ docker, log: pino({ level: 'silent' }), registry: '' });
const cleanup = () => runtime.cleanup({ testId, runId: `run-${testId}` }, new AbortController().signal);
const more = (): Partial<WorkFile> => ({ testId, runtime: { kind: 'docker', network, labels } });
let image: string;

beforeAll(async () => {
  image = await ensureBaseImage({}, docker, () => undefined);
  await docker.createNetwork({ Name: network, Labels: labels });
});
afterAll(cleanup);

/** Returns a server that answers with the content of the volume, or writes it first. */
const command = (write: string) => [
  'sh',
  '-c',
  `${write}; mkdir -p /www; ln -s /data/said /www/index.html; exec busybox httpd -f -p 8080 -h /www`,
];
const deployed = (instance: string, write: string) =>
  step(instance, 'deploy-service', {
    image,
    command: command(write),
    ports: [{ port: 8080 }],
    volumes: [
      { name: '{{My_Data.name}}', mountPath: '/data' },
      { name: '', mountPath: '/left-out' },
    ],
  });

test('a volume of pvc is shared by the services that mount it, and removed with the run', async () => {
  const steps = [step('My_Data', 'pvc', {}), deployed('writer', 'echo hello > /data/said'), deployed('reader', 'true')];
  await using work = await Work.create(steps, more());
  const run = await work.run();
  expect(run.story.at(-1)).toBe('runner.end success');
  const name = `my-data-${testId}`;
  expect(run.end('My_Data')?.outputs).toEqual({ name });
  expect((await docker.getVolume(name).inspect()).Labels).toEqual(labels);
  const containers = await docker.listContainers({ filters: { label: [`testid=${testId}`] } });
  const reader = containers.find(({ Names }) => Names[0]?.startsWith('/reader-'));
  const address = reader?.NetworkSettings.Networks[network]?.IPAddress;
  expect(await (await fetch(`http://${address}:8080/`)).text()).toBe('hello\n');
  expect(await cleanup()).toEqual([]);
  await expect(docker.getVolume(name).inspect()).rejects.toMatchObject({ statusCode: 404 });
  await docker.createNetwork({ Name: network, Labels: labels });
});

test('a volume that does not exist is rejected and not created', async () => {
  const service = { image, command: command('true'), ports: [{ port: 8080 }] };
  const volumes = [{ name: `nowhere-${testId}`, mountPath: '/data' }];
  await using work = await Work.create([step('it', 'deploy-service', { ...service, volumes })], more());
  const run = await work.run();
  expect(run.end('it')?.error).toMatchObject({
    code: 'input_invalid',
    message: `there is no volume named nowhere-${testId}`,
    hint: expect.stringMatching(/pvc/),
  });
  await expect(docker.getVolume(`nowhere-${testId}`).inspect()).rejects.toMatchObject({ statusCode: 404 });
});

test('a volume of the same name from another run is not used', async () => {
  const name = `taken-${testId}`;
  await docker.createVolume({ Name: name, Labels: { ...labels, 'brightbird.dev/run-id': 'another' } });
  await using work = await Work.create([step('taken', 'pvc', {})], more());
  const run = await work.run();
  expect(run.end('taken')?.error).toMatchObject({ code: 'conflict', message: expect.stringContaining(name) });
  await docker.getVolume(name).remove();
});
