import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { readConfig } from '../../../src/programs/config.ts';
import { findDocker } from '../../../src/programs/embedded/docker.ts';
import { startEmbedded } from '../../../src/programs/embedded/embedded.ts';
import { processesOf, temporaryHome, until } from '../../support/programs/embedded/holder.ts';

const { PATH, DOCKER_HOST } = process.env;

afterEach(() => {
  process.env.PATH = PATH;
  if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = DOCKER_HOST;
});

test('killed embedded servers restart on their ports with their data, and are reported', async () => {
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

  const client = await MongoClient.connect(embedded.mongoUri);
  await client.db('test').collection<{ _id: string }>('kept').insertOne({ _id: 'acknowledged' });
  for (const name of ['temporal', 'mongo']) {
    for (const pid of await processesOf(join(home, name))) process.kill(pid, 'SIGKILL');
  }
  const again = (name: string) => lines.filter((line) => line.startsWith(name) && line.includes('restarted on'));
  await until(async () => again('temporal').length === 1 && again('mongodb').length === 1);
  expect(again('temporal')[0]).toMatch(/exited unexpectedly \(exit 1\d\d\); its log is .*temporal\.log/);
  expect((await fetch(embedded.temporal.uiUrl ?? '')).status).toBe(200);
  expect(await client.db('test').collection('kept').countDocuments()).toBe(1);
  await client.close();
  await embedded.stop();
  expect(await processesOf(home)).toEqual([]);
  const next = await startEmbedded(config, () => undefined);
  await next.stop();
  await remove();
});

test('startEmbedded reports everything that is missing at once, with hints, and leaves nothing running or locked', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'brightbird-none-'));
  process.env.PATH = empty;
  process.env.DOCKER_HOST = `unix://${empty}/docker.sock`;
  const config = readConfig({ BRIGHTBIRD_HOME: join(empty, 'home'), BRIGHTBIRD_CACHE: join(empty, 'cache') });
  for (const _ of [1, 2]) {
    const error: unknown = await startEmbedded(config, () => undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable' });
    const { message, hint } = error as { message: string; hint: string };
    for (const part of [
      'cannot start Temporal',
      'cannot start MongoDB',
      'cannot reach the Docker engine of DOCKER_HOST',
    ]) {
      expect(message).toContain(part);
    }
    for (const part of ['TEMPORAL_ADDRESS', 'MONGODB_URI', 'DOCKER_HOST']) expect(hint).toContain(part);
  }
  process.env.PATH = PATH;
  await rm(empty, { recursive: true });
});

test('findDocker reports a running Docker engine with its version', async () => {
  const lines: string[] = [];
  const docker = await findDocker((line) => lines.push(line));
  const { Version } = await docker.version();
  expect(lines).toEqual([expect.stringContaining(`, version ${Version}`)]);
});
