import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { until } from '../../support/adapters/images/scripts/processes.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const { signal } = new AbortController();
const megabyte = 1_000_000;
let workspace: Workspace;
const origins: TestRepository[] = [];

beforeAll(async () => {
  workspace = await createWorkspace();
  for (const name of ['one', 'two', 'three', 'four']) {
    const origin = await createRepository(join(workspace.path, name));
    await writeFile(join(origin.path, 'noise'), randomBytes(megabyte));
    await origin.commit(name);
    origins.push(origin);
  }
});
afterAll(() => workspace.remove());

function open(name: string, mirrorLimit?: number): { repositories: Repositories; directory: string } {
  const directory = join(workspace.path, name);
  return {
    repositories: createRepositories({
      directory,
      allowFileUrls: true,
      mirrorLimitBytes: mirrorLimit,
      log: workspace.log,
    }),
    directory,
  };
}
const urlOf = (index: number): string => origins[index]?.url ?? '';
const mirrors = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.includes('.git')).map((name) => name.split('-')[0] ?? '');
/** Sets the last use of a mirror to `hours` ago. */
async function age(directory: string, name: string, hours: number): Promise<void> {
  const mirror = (await readdir(directory)).find((entry) => entry.startsWith(`${name}-`)) ?? '';
  const time = new Date(Date.now() - hours * 3600_000);
  await utimes(join(directory, mirror, 'brightbird-used'), time, time);
}

test('the least recently used mirrors are evicted beyond the limit, and cloned again when needed', async () => {
  const { repositories, directory } = open('limited', 3.5 * megabyte);
  const commits = [];
  for (const index of [0, 1, 2]) commits.push((await repositories.resolve(urlOf(index), '', signal)).commit);
  await age(directory, 'one', 3);
  await age(directory, 'two', 2);
  await age(directory, 'three', 1);
  await repositories.resolve(urlOf(0), 'main', signal);
  await repositories.resolve(urlOf(3), '', signal);
  await until(async () => (await mirrors(directory)).sort().join() === 'four,one,three');
  expect(workspace.logged()).toContain('evicted the least recently used mirrors');
  expect((await repositories.resolve(urlOf(1), commits[1] ?? '', signal)).commit).toBe(commits[1]);
});

test('a mirror that was just used, or that a build borrows from, is kept beyond the limit', async () => {
  const { repositories, directory } = open('busy', 1);
  const { commit } = await repositories.resolve(urlOf(0), '', signal);
  const checkout = await repositories.checkout(urlOf(0), commit, signal);
  await repositories.resolve(urlOf(1), '', signal);
  await age(directory, 'one', 3);
  await age(directory, 'two', 3);
  await repositories.resolve(urlOf(2), '', signal);
  await until(async () => (await mirrors(directory)).sort().join() === 'one,three');
  await checkout.remove();
  await repositories.sweep();
  await until(async () => (await mirrors(directory)).join() === 'three');
});

test('partial clones and archives of a killed worker are removed when the next worker starts', async () => {
  const { repositories, directory } = open('killed');
  const killed = `${hostname()}~4194999~x`;
  const left = [`one-0123456789abcdef.git.${killed}`, `archives/abc-${killed}.tar`, `worktrees/${killed}`];
  const ours = [`one-0123456789abcdef.git.${hostname()}~${process.ppid}~x`, 'two-0123456789abcdef.git'];
  for (const name of [...left, ...ours]) await mkdir(join(directory, name), { recursive: true });
  await repositories.sweep();
  expect([...left, ...ours].filter((name) => existsSync(join(directory, name)))).toEqual(ours);
});

test('git packs the objects of many fetches', async () => {
  const { repositories, directory } = open('packed');
  await repositories.resolve(urlOf(0), '', signal);
  const [name = ''] = await readdir(directory);
  const config = join(directory, name, 'config');
  await writeFile(
    config,
    '[core]\n\tbare = true\n\trepositoryformatversion = 0\n[fetch]\n\tunpackLimit = 1\n[gc]\n\tautoPackLimit = 2\n',
  );
  for (let n = 0; n < 6; n += 1) {
    const commit = await origins[0]?.commit(`more ${n}`);
    expect((await repositories.resolve(urlOf(0), 'main', signal)).commit).toBe(commit);
  }
  const packs = (await readdir(join(directory, name, 'objects', 'pack'))).filter((file) => file.endsWith('.pack'));
  expect(packs.length).toBeLessThanOrEqual(3);
});
