import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { signal } = new AbortController();
const files = { 'src/a.txt': 'a', 'src/b.txt': 'b', Dockerfile: 'FROM scratch\n' };
let workspace: Workspace;
let origin: TestRepository;
let head: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  origin = await createRepository(join(workspace.path, 'origin'));
  for (let n = 0; n < 5; n += 1) head = await origin.commit(`commit ${n}`, { ...files, 'n.txt': `${n}` });
  for (let n = 0; n < 120; n += 1) origin.git('update-ref', `refs/heads/topic/${n}`, head);
});
afterAll(() => workspace.remove());

let count = 0;
let directory: string;
let mirror: string;
let repositories: Repositories;

/** Gives every test its own complete mirror. */
beforeEach(async () => {
  count += 1;
  directory = join(workspace.path, `mirrors-${count}`);
  repositories = createRepositories({ directory, allowFileUrls: true, log: workspace.log });
  await repositories.resolve(origin.url, '', signal);
  const [name = ''] = await readdir(directory);
  mirror = join(directory, name);
});

const lock = async (name: string, ageSeconds: number): Promise<void> => {
  const time = new Date(Date.now() - ageSeconds * 1000);
  await writeFile(join(mirror, name), '');
  await utimes(join(mirror, name), time, time);
};

describe('a mirror after a killed git', () => {
  test.each([
    ['of a branch', 'refs/heads/main.lock', 3600],
    ['of packed refs', 'packed-refs.lock', 3600],
    ['that is seconds old', 'refs/heads/main.lock', 1],
  ])('removes the stale lock: %s', async (_, name, age) => {
    const next = await origin.commit(`after ${name} ${age}`);
    origin.git('branch', '-D', `topic/${count}`);
    await lock(name, age);
    expect((await repositories.resolve(origin.url, 'main', signal)).commit).toBe(next);
    expect((await readdir(mirror, { recursive: true })).filter((file) => file.endsWith('.lock'))).toEqual([]);
  });

  test('completes a partial mirror', async () => {
    await rm(mirror, { recursive: true });
    await mkdir(join(mirror, 'refs'), { recursive: true });
    await writeFile(join(mirror, 'HEAD'), '');
    expect((await repositories.resolve(origin.url, 'main', signal)).commit).toBe(origin.git('rev-parse', 'main'));
  });

  test('the next worker uses the mirror of a worker that was killed during a fetch', async () => {
    await rm(mirror, { recursive: true });
    const script = fileURLToPath(new URL('../../support/adapters/git/resolve-once.ts', import.meta.url));
    const worker = spawn(process.execPath, [script, directory, origin.url, 'main'], { stdio: 'ignore' });
    // Killed as soon as its git has begun to write.
    while (!(await readdir(directory)).some((name) => name.includes('.git'))) await new Promise(setImmediate);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect((await repositories.resolve(origin.url, 'main', signal)).commit).toBe(origin.git('rev-parse', 'main'));
  });
});

describe('a broken mirror is repaired or cloned again', () => {
  const packs = async (): Promise<string[]> =>
    (await readdir(join(mirror, 'objects', 'pack'))).map((name) => join(mirror, 'objects', 'pack', name));

  test.each<[string, () => Promise<unknown>]>([
    ['without its objects', () => rm(join(mirror, 'objects'), { recursive: true })],
    ['with a pack cut short', async () => Promise.all((await packs()).map((file) => truncate(file, 40)))],
    ['without its packs', async () => Promise.all((await packs()).map((file) => rm(file)))],
    ['with an empty HEAD', () => truncate(join(mirror, 'HEAD'), 0)],
    ['without its configuration', () => writeFile(join(mirror, 'config'), '[core\n')],
    ['invalid packed refs', () => writeFile(join(mirror, 'packed-refs'), 'garbage\n')],
    ['a branch without its commit', () => writeFile(join(mirror, 'refs/heads/main'), `${'1'.repeat(40)}\n`)],
    ['with an empty branch', () => writeFile(join(mirror, 'refs/heads/main'), '')],
    ['as an empty folder', () => rm(mirror, { recursive: true }).then(() => mkdir(mirror))],
  ])('recovers from: %s', async (_, breakIt) => {
    const main = origin.git('rev-parse', 'main');
    await breakIt();
    expect((await repositories.resolve(origin.url, 'main', signal)).commit).toBe(main);
    await breakIt();
    const tar = await repositories.archive(origin.url, main, 'src', signal);
    expect((await readFile(tar, 'latin1')).includes('a.txt')).toBe(true);
    expect((await repositories.resolve(origin.url, 'topic/100', signal)).commit).toBe(head);
  });

  test('clones again when only the requested file is lost', async () => {
    const blob = origin.git('rev-parse', 'main:src/a.txt');
    const other = createRepositories({ directory: `${directory}-loose`, allowFileUrls: true, log: workspace.log });
    const small = await createRepository(join(workspace.path, 'small'));
    const commit = await small.commit('few objects, which git keeps loose', files);
    await other.resolve(small.url, '', signal);
    const [name = ''] = await readdir(`${directory}-loose`);
    await rm(join(`${directory}-loose`, name, 'objects', blob.slice(0, 2), blob.slice(2)));
    const tars = await Promise.all(['src', '.'].map((folder) => other.archive(small.url, commit, folder, signal)));
    for (const tar of tars) expect((await readFile(tar, 'latin1')).includes('a.txt')).toBe(true);
  });

  test('keeps the mirror when the repository is unreachable', async () => {
    const main = origin.git('rev-parse', 'main');
    const away = await createRepository(join(workspace.path, `away-${count}`));
    const commit = await away.commit('first');
    await repositories.resolve(away.url, '', signal);
    await rm(away.path, { recursive: true });
    expect((await faultOf(repositories.resolve(away.url, 'main', signal))).code).toBe('repository_not_found');
    expect((await repositories.resolve(away.url, commit, signal)).commit).toBe(commit);
    expect((await repositories.resolve(origin.url, main, signal)).commit).toBe(main);
  });
});

test('four processes share a folder of mirrors and all get their answer', async () => {
  await rm(mirror, { recursive: true });
  const script = fileURLToPath(new URL('../../support/adapters/git/resolve-once.ts', import.meta.url));
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const worker = spawn(process.execPath, [script, directory, origin.url, 'main'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const chunks: string[] = [];
      worker.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
      await once(worker, 'close');
      return chunks.join('').trim();
    }),
  );
  expect(answers).toEqual(Array(4).fill(origin.git('rev-parse', 'main')));
});
