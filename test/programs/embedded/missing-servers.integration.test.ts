import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../../../src/programs/config.ts';
import { startMongo } from '../../../src/programs/embedded/mongo.ts';
import { startTemporal } from '../../../src/programs/embedded/temporal.ts';

const path = process.env.PATH;
let empty = '';

beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), 'brightbird-empty-'));
  process.env.PATH = empty;
});
afterAll(async () => {
  process.env.PATH = path;
  await rm(empty, { recursive: true });
});

const nothing = (extra: Record<string, string> = {}) =>
  readConfig({ BRIGHTBIRD_HOME: join(empty, 'home'), BRIGHTBIRD_CACHE: join(empty, 'cache'), ...extra });

test('startTemporal without any server lists the attempts and what to install', async () => {
  await expect(startTemporal(nothing(), () => undefined)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'cannot start Temporal: TEMPORAL_ADDRESS not set; no temporal on PATH; no temporal in the cache',
    hint: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});

test('startMongo without any server lists the attempts and what to install', async () => {
  await expect(startMongo(nothing(), () => undefined)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'cannot start MongoDB: MONGODB_URI not set; no mongod on PATH or in the cache; no java on PATH',
    hint: expect.stringContaining('MONGODB_URI'),
  });
});

test('startMongo reports an unreachable MONGODB_URI without its password', async () => {
  const config = nothing({ MONGODB_URI: 'mongodb://user:secret@127.0.0.1:9/' });
  const error: unknown = await startMongo(config, () => undefined).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('MONGODB_URI') });
  expect(JSON.stringify(error)).not.toContain('secret');
});

test('startTemporal uses TEMPORAL_ADDRESS unchanged and reports one line', async () => {
  const lines: string[] = [];
  const server = await startTemporal(nothing({ TEMPORAL_ADDRESS: 'temporal.example:7233' }), (line) =>
    lines.push(line),
  );
  expect(server.address).toBe('temporal.example:7233');
  expect(lines).toEqual([
    expect.stringMatching(/^temporal {4}TEMPORAL_ADDRESS: temporal\.example:7233 \(\d+\.\d s\)$/),
  ]);
  await server.stop();
});
