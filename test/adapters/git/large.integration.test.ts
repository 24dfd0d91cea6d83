import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { type GitServer, serveGit } from '../../support/adapters/git/http-server.ts';
import { createRepository } from '../../support/adapters/git/repository.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const commits = 5000;
const { signal } = new AbortController();
const environment = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
let workspace: Workspace;
let path: string;
let server: GitServer;
let url: string;
let repositories: Repositories;
let directory: string;

const git = (...args: string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@brightbird.invalid', '-c', 'advice.nestedTag=false', ...args],
    {
      cwd: path,
      env: environment,
      encoding: 'utf8',
    },
  ).trim();
const shaOf = (name: string): string => git('rev-parse', `${name}^{commit}`);

/** Returns commits on a branch for git fast-import: each changes one file and adds one. */
function commitsOf(branch: string, from: string, count: number, first = 1): string {
  const lines = [`reset refs/heads/${branch}`, ...(from ? [`from ${from}`] : []), ''];
  for (let n = first; n < first + count; n += 1) {
    const message = `${branch} ${n}`;
    const text = `${message}\n`.repeat(20);
    lines.push(`commit refs/heads/${branch}`, `committer t <t@brightbird.invalid> ${1_700_000_000 + n} +0000`);
    lines.push(
      `data ${message.length}`,
      message,
      `M 644 inline src/${branch}-${n % 500}.txt`,
      `data ${text.length}`,
      text,
    );
    lines.push(`M 644 inline ${branch}.txt`, `data ${message.length}`, message, '');
  }
  return lines.join('\n');
}
const fastImport = (input: string): void => {
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: path, env: environment, input });
};

beforeAll(async () => {
  workspace = await createWorkspace();
  path = join(workspace.path, 'served', 'large.git');
  await mkdir(path, { recursive: true });
  git('init', '--quiet', '--bare', '--initial-branch=trunk');
  const lib = await createRepository(join(workspace.path, 'served', 'lib'));
  const libSha = await lib.commit('lib', { 'lib.txt': 'lib' });
  const modules = '[submodule "lib"]\n\tpath = lib\n\turl = ../lib/.git\n';
  const added = [`M 160000 ${libSha} lib`, 'M 644 inline .gitmodules', `data ${modules.length}`, modules, ''].join(
    '\n',
  );
  fastImport(commitsOf('trunk', '', commits) + added);
  fastImport(commitsOf('moving', 'refs/heads/trunk~3000^0', 50));
  git('tag', 'light', 'trunk~100');
  git('tag', '-a', 'v1.0.0', '-m', 'release', 'trunk~200');
  git('tag', '-a', 'v1.0.1', '-m', 'release of a release', 'v1.0.0');
  git('branch', 'feature/login', 'trunk~2500');
  server = await serveGit(join(workspace.path, 'served'));
  url = `http://${server.host}/large.git`;
  directory = join(workspace.path, 'mirrors');
  repositories = createRepositories({ directory, allowFileUrls: false, log: workspace.log });
});
afterAll(async () => {
  server.close();
  await workspace.remove();
});

const resolve = async (version: string): Promise<string> => (await repositories.resolve(url, version, signal)).commit;
/** Returns the objects of the mirror and their bytes on disk. */
async function mirrorSize(): Promise<{ objects: number; bytes: number }> {
  const [name = ''] = (await readdir(directory)).filter((entry) => /^large-.*\.git$/.test(entry));
  const mirror = join(directory, name);
  const count = execFileSync('git', ['count-objects', '-v'], { cwd: mirror, env: environment, encoding: 'utf8' });
  const value = (key: string): number => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(count)?.[1]);
  return { objects: value('count') + value('in-pack'), bytes: (value('size') + value('size-pack')) * 1024 };
}

describe('a repository of 5,000 commits, with tags of both kinds, a default branch called trunk and a branch that moves', () => {
  test('every form of version resolves to the same commit as git rev-parse', async () => {
    expect(Number(git('rev-list', '--count', 'trunk'))).toBe(commits);
    const forms: [version: string, expression: string][] = [
      ['', 'HEAD'],
      ['trunk', 'trunk'],
      ['feature/login', 'feature/login'],
      ['light', 'light'],
      ['v1.0.0', 'v1.0.0'],
      ['v1.0.1', 'v1.0.1'],
      ['refs/tags/v1.0.0', 'refs/tags/v1.0.0'],
      ['moving', 'moving'],
      [git('rev-parse', 'trunk~4321'), 'trunk~4321'],
      [git('rev-parse', '--short', 'trunk~1234'), 'trunk~1234'],
      [git('rev-parse', '--short', 'v1.0.0'), 'v1.0.0'],
    ];
    for (const [version, expression] of forms)
      expect([version, await resolve(version)]).toEqual([version, shaOf(expression)]);
  });

  test('each build gets the files of its own commit, with its submodule', async () => {
    const newest = await repositories.archive(url, await resolve(''), '.', signal);
    expect(execFileSync('tar', ['-xOf', newest, 'lib/lib.txt'], { encoding: 'utf8' })).toBe('lib');
    await rm(newest);
    for (const name of ['light', 'v1.0.0', 'feature/login', 'moving']) {
      const tar = await repositories.archive(url, await resolve(name), '.', signal);
      const branch = name === 'moving' ? 'moving' : 'trunk';
      const text = execFileSync('tar', ['-xOf', tar, `${branch}.txt`], { encoding: 'utf8' });
      expect(text).toBe(git('show', `${name}^{commit}:${branch}.txt`));
      await rm(tar);
    }
  });

  test('the next build fetches only new objects', async () => {
    const before = await mirrorSize();
    const cloned = server.sent;
    fastImport(commitsOf('trunk', 'refs/heads/trunk^0', 3, commits + 1));
    const fresh = Number(git('rev-list', '--objects', '--count', 'trunk', '^trunk~3'));
    expect(await resolve('trunk')).toBe(shaOf('trunk'));
    const after = await mirrorSize();
    expect(after.objects - before.objects).toBe(fresh);
    const fetched = server.sent - cloned;
    process.stderr.write(
      `measured: clone and eleven looks ${cloned} bytes, ${before.objects} objects; next build ${fetched} bytes, ${fresh} objects\n`,
    );
    expect(fetched).toBeLessThan(20_000);
    expect(cloned).toBeGreaterThan(20 * fetched);
    const known = server.sent;
    const old = shaOf('trunk~4000');
    expect(await resolve(old)).toBe(old);
    await rm(await repositories.archive(url, old, '.', signal));
    expect(server.sent).toBe(known);
  });

  test('a force-pushed branch is followed, and its old commit can still be built by sha', async () => {
    const left = shaOf('moving');
    git('update-ref', 'refs/heads/moving', 'trunk~10');
    fastImport(commitsOf('moving', 'refs/heads/moving^0', 2, 900));
    const sent = server.sent;
    expect(await resolve('moving')).toBe(shaOf('moving'));
    expect(shaOf('moving')).not.toBe(left);
    expect(server.sent - sent).toBeLessThan(20_000);
    expect(await resolve(left)).toBe(left);
    const tar = await repositories.archive(url, left, '.', signal);
    expect((await stat(tar)).size).toBeGreaterThan(0);
    await rm(tar);
  });
});
