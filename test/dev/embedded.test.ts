import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { findDocker } from '../../src/dev/docker.ts';
import { startEmbedded } from '../../src/dev/embedded.ts';
import { processesOf, temporaryHome } from './holder.ts';

const { PATH, DOCKER_HOST } = process.env;

afterEach(() => {
  process.env.PATH = PATH;
  if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = DOCKER_HOST;
});

test('a server that ends although nobody stopped it is told, by name; then the rest can be stopped and started', async () => {
  const { home, remove } = await temporaryHome();
  const own = { TEMPORAL_ADDRESS: '', MONGODB_URI: '', BASE_IMAGE: 'some/base:1' };
  const config = readConfig({ ...process.env, ...own, BRIGHTBIRD_HOME: home });
  const lines: string[] = [];
  const embedded = await startEmbedded(config, (line) => lines.push(line));
  expect(lines.map((line) => line.slice(0, 12).trim()).sort()).toEqual(['base image', 'docker', 'mongodb', 'temporal']);
  expect(embedded).toMatchObject({
    baseImage: 'some/base:1',
    mongoUri: expect.stringMatching(/^mongodb:\/\/127\.0\.0\.1:/),
  });
  expect((await fetch(embedded.temporal.uiUrl ?? '')).status).toBe(200);
  await expect(startEmbedded(config, () => undefined)).rejects.toMatchObject({ code: 'conflict' });

  for (const pid of await processesOf(join(home, 'temporal'))) process.kill(pid, 'SIGKILL');
  await expect(embedded.failed).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the embedded Temporal ended unexpectedly',
    hint: expect.stringContaining(home),
  });
  await embedded.stop();
  const again = await startEmbedded(config, () => undefined);
  await again.stop();
  await remove();
});

test('everything that is missing is named at once, with what to do, and nothing is left running or locked', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'brightbird-none-'));
  process.env.PATH = empty;
  process.env.DOCKER_HOST = `unix://${empty}/docker.sock`;
  const config = readConfig({ BRIGHTBIRD_HOME: join(empty, 'home'), BRIGHTBIRD_CACHE: join(empty, 'cache') });
  for (const _ of [1, 2]) {
    const error: unknown = await startEmbedded(config, () => undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable' });
    const { message, hint } = error as { message: string; hint: string };
    for (const part of ['no Temporal', 'no MongoDB', 'the engine of DOCKER_HOST does not answer']) {
      expect(message).toContain(part);
    }
    for (const part of ['TEMPORAL_ADDRESS', 'MONGODB_URI', 'DOCKER_HOST']) expect(hint).toContain(part);
  }
  process.env.PATH = PATH;
  await rm(empty, { recursive: true });
});

test('a Docker engine that answers is reported with its version', async () => {
  const lines: string[] = [];
  const docker = await findDocker((line) => lines.push(line));
  const { Version } = await docker.version();
  expect(lines).toEqual([expect.stringContaining(`answers, version ${Version}`)]);
});
