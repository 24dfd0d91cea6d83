import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConfig } from '../../../src/programs/config.ts';
import { startMongo } from '../../../src/programs/embedded/mongo.ts';

const path = process.env.PATH;
let folder = '';
let lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brightbird-engines-'));
  lines = [];
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

const start = () =>
  startMongo(readConfig({ ...process.env, MONGODB_URI: '', BRIGHTBIRD_HOME: folder }), (line) => lines.push(line));

test('startMongo reports the last lines of a mongod that does not start, and tries the next engine', async () => {
  await writeFile(join(folder, 'mongod'), '#!/bin/sh\necho "Illegal instruction" >&2; exit 132\n', { mode: 0o755 });
  process.env.PATH = `${folder}${delimiter}${path}`;
  const server = await start();
  await server.stop();
  expect(lines).toEqual([
    expect.stringMatching(
      /mongod did not start \(exit 132\): Illegal instruction; mongo-java-server \S+ started on 127/,
    ),
  ]);
  process.env.PATH = path;
  await (await start()).stop();
});

test('startMongo never starts an empty engine when another engine has data', async () => {
  await mkdir(join(folder, 'mongo', 'mongod'), { recursive: true });
  await writeFile(join(folder, 'mongo', 'mongod', 'WiredTiger'), '');
  await expect(start()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'cannot start MongoDB: MONGODB_URI not set; no mongod on PATH or in the cache',
  });
});

test('a stopped embedded MongoDB restarts with its data', async () => {
  const { MongoClient } = await import('mongodb');
  for (const round of [1, 2, 3]) {
    const server = await start();
    const client = await MongoClient.connect(server.uri);
    await client.db('test').collection('rounds').insertOne({ round });
    expect(await client.db('test').collection('rounds').countDocuments()).toBe(round);
    await client.close();
    await server.stop();
  }
});
