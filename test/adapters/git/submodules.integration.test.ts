import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import { resolveSubmoduleUrl } from '../../../src/adapters/git/submodules.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { type GitServer, serveGit } from '../../support/adapters/git/http-server.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

const secret = 'tok3n-that-unknown-may-see';
const { signal } = new AbortController();
let workspace: Workspace;
let repositories: Repositories;
let server: GitServer;
let base: TestRepository;
let library: TestRepository;
let component: TestRepository;
let librarySha: string;
let commit: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  const served = join(workspace.path, 'served');
  base = await createRepository(join(served, 'base'));
  await base.commit('base', { 'base.txt': 'base' });
  library = await createRepository(join(served, 'library'));
  await library.commit('library', { 'library.txt': 'library', 'docker/Dockerfile': 'FROM scratch\n' });
  librarySha = await addSubmodule(library, 'vendor/base', '../../base/.git', base);
  component = await createRepository(join(served, 'component'), 'trunk');
  await component.commit('own files', { 'main.txt': 'main', 'service/a.txt': 'a' });
  commit = await addSubmodule(component, 'service/library', '../../library/.git', library);
  server = await serveGit(served);
  repositories = open('mirrors');
});
afterAll(async () => {
  server.close();
  await workspace.remove();
});

function open(name: string, more: { token?: string; allowFileUrls?: boolean } = {}): Repositories {
  const options = { directory: join(workspace.path, name), allowFileUrls: false, log: workspace.log, ...more };
  return createRepositories(options);
}

/** Adds a submodule with an address and the sha of its newest commit. */
async function addSubmodule(parent: TestRepository, path: string, url: string, child: TestRepository): Promise<string> {
  const sha = child.git('rev-parse', 'HEAD');
  const text = `${parent.git('ls-files', '.gitmodules') && readFileSync(join(parent.path, '.gitmodules'), 'utf8')}`;
  await parent.commit('address', {
    '.gitmodules': `${text}\n[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
  });
  parent.git('update-index', '--add', '--cacheinfo', `160000,${sha},${path}`);
  parent.git('commit', '--quiet', '-m', `submodule ${path}`);
  return parent.git('rev-parse', 'HEAD');
}

const address = (name: string): string => `http://${server.host}/${name}/.git`;
async function filesOf(repo: string, sha: string, folder = '.', from = repositories): Promise<string[]> {
  const tar = await from.archive(repo, sha, folder, signal);
  const names = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).split('\n');
  await rm(tar);
  return names.filter((name) => name !== '' && !name.endsWith('/')).sort();
}

describe('the submodules of a component', () => {
  const inLibrary = ['.gitmodules', 'docker/Dockerfile', 'library.txt', 'vendor/base/base.txt'];

  test('submodules are in the build context, also nested ones', async () => {
    const expected = [
      '.gitmodules',
      'main.txt',
      'service/a.txt',
      ...inLibrary.map((name) => `service/library/${name}`),
    ];
    expect(await filesOf(address('component'), commit)).toEqual(expected.sort());
  });

  test('submodules are in a context that is a folder, a submodule, or a folder in a submodule', async () => {
    const below = inLibrary.map((name) => `library/${name}`);
    expect(await filesOf(address('component'), commit, 'service')).toEqual(['a.txt', ...below].sort());
    expect(await filesOf(address('component'), commit, 'service/library')).toEqual(inLibrary);
    expect(await filesOf(address('component'), commit, 'service/library/docker')).toEqual(['Dockerfile']);
  });

  test('submodules are in the working tree of a script, where git knows them', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => repositories.checkout(address('component'), commit, signal)),
    );
    for (const checkout of [one, other]) {
      const path = join(checkout?.directory ?? '', 'source');
      expect(readFileSync(join(path, 'service/library/vendor/base/base.txt'), 'utf8')).toBe('base');
      const git = (...args: string[]) => execFileSync('git', args, { cwd: path, encoding: 'utf8' }).trim();
      expect(git('status', '--porcelain')).toBe('');
      expect(git('rev-parse', 'HEAD')).toBe(commit);
      expect(git('submodule', 'status')).toContain(librarySha);
      expect(git('-C', 'service/library', 'remote', 'get-url', 'origin')).toBe(address('library'));
      await checkout?.remove();
      expect(existsSync(checkout?.directory ?? '')).toBe(false);
    }
  });

  test('submodules have the commits of their parent, not the newest ones', async () => {
    await base.commit('newer', { 'base.txt': 'newer', 'more.txt': 'more' });
    await library.commit('newer', { 'library.txt': 'newer' });
    const tar = await repositories.archive(address('component'), commit, '.', signal);
    const text = (name: string) => execFileSync('tar', ['-xOf', tar, name], { encoding: 'utf8' });
    expect([text('service/library/library.txt'), text('service/library/vendor/base/base.txt')]).toEqual([
      'library',
      'base',
    ]);
    await rm(tar);
  });

  test('submodules without an address in .gitmodules are left out, as in git', async () => {
    const odd = await createRepository(join(workspace.path, 'served', 'odd'));
    await odd.commit('own', {
      'main.txt': 'main',
      '.gitmodules': '[submodule "other"]\n\tpath = other\n\turl = ../x\n',
    });
    odd.git('update-index', '--add', '--cacheinfo', `160000,${base.git('rev-parse', 'HEAD')},lost`);
    odd.git('commit', '--quiet', '-m', 'lost');
    expect(await filesOf(address('odd'), odd.git('rev-parse', 'HEAD'))).toEqual(['.gitmodules', 'main.txt']);
  });

  test('an unavailable submodule fails with its path, its address and the commit', async () => {
    const lost = await createRepository(join(workspace.path, 'served', 'lost'));
    await lost.commit('own');
    const sha = await addSubmodule(lost, 'gone', '../../never-made/.git', base);
    const fault = await faultOf(repositories.archive(address('lost'), sha, '.', signal));
    expect(fault).toMatchObject({ code: 'repository_not_found', where: { file: '.gitmodules', path: 'gone' } });
    for (const part of ['submodule gone of', address('lost'), address('never-made')])
      expect(fault.message).toContain(part);
  });

  test('submodules that contain each other end at a limit', async () => {
    const one = await createRepository(join(workspace.path, 'served', 'ring'));
    await one.commit('own');
    let sha = '';
    for (let n = 0; n < 12; n += 1) sha = await addSubmodule(one, `n${n}`, '../../ring/.git', one);
    const fault = await faultOf(repositories.archive(address('ring'), sha, '.', signal));
    expect(fault).toMatchObject({
      code: 'build_failed',
      message: expect.stringMatching(/nested deeper than|more than/),
    });
  });
});

describe('the address of a submodule', () => {
  test.each([
    ['https://h.invalid/team/greeter.git', '../lib.git'],
    ['https://h.invalid/team/greeter.git/', './lib.git/'],
    ['https://h.invalid/team/greeter', '../../other/lib'],
    ['https://h.invalid/team/greeter', '../././../lib'],
    ['git@h.invalid:team/greeter.git', '../lib.git'],
    ['git@h.invalid:greeter.git', '../lib.git'],
    ['ssh://git@h.invalid:22/team/greeter.git', '../lib.git'],
    ['file:///srv/greeter', '../lib'],
    ['https://h.invalid/greeter', 'https://other.invalid/lib'],
  ])('the address of a submodule of %s with the url %s is resolved as in git', async (parent, url) => {
    const repository = await createRepository(join(workspace.path, `address-${Math.random()}`));
    await repository.commit('own', { '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n` });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${base.git('rev-parse', 'HEAD')},lib`);
    repository.git('remote', 'add', 'origin', parent);
    repository.git('submodule', 'init');
    expect(resolveSubmoduleUrl(parent, url)).toBe(repository.git('config', 'submodule.lib.url'));
  });

  test.each([
    ['of a transport helper', 'ext::sh -c touch% canary'],
    ['that is an option', '--upload-pack=touch canary'],
    ['of this machine, in a repository from elsewhere', 'file:///etc'],
    ['of this machine, as a path', '/etc'],
    ['with credentials', 'https://user:pass@127.0.0.1/x'],
    ['that leads above its host', '../../../../../x'],
  ])('%s is refused, also when file URLs are allowed', async (_, url) => {
    const evil = await createRepository(join(workspace.path, 'served', `evil-${Math.random()}`));
    await evil.commit('own');
    const sha = await addSubmodule(evil, 'lib', url, base);
    const name = evil.path.split('/').at(-1) ?? '';
    const trusting = open('trusting', { allowFileUrls: true });
    for (const asked of ['archive', 'checkout'] as const) {
      const work =
        asked === 'archive'
          ? trusting.archive(address(name), sha, '.', signal)
          : trusting.checkout(address(name), sha, signal);
      expect(await faultOf(work)).toMatchObject({ code: 'repository_refused', where: { file: '.gitmodules' } });
    }
  });

  test('a repository on disk may have a submodule on disk when the server allows file URLs', async () => {
    const files = await filesOf(`${library.url}/.git`, librarySha, '.', open('disk', { allowFileUrls: true }));
    expect(files).toContain('vendor/base/base.txt');
  });

  test('a submodule on another host does not get the token', async () => {
    const other = await serveGit(join(workspace.path, 'served'));
    const mixed = await createRepository(join(workspace.path, 'served', 'mixed'));
    await mixed.commit('own');
    const sha = await addSubmodule(mixed, 'base', `http://${other.host}/base/.git`, base);
    const owner = await serveGit(join(workspace.path, 'served'), secret);
    const withToken = open('token', { token: `${owner.host}=${secret}` });
    expect(await filesOf(`http://${owner.host}/mixed/.git`, sha, '.', withToken)).toContain('base/base.txt');
    expect(owner.authorizations.some((header) => header !== '')).toBe(true);
    expect(other.authorizations.filter((header) => header !== '')).toEqual([]);
    for (const one of [other, owner]) one.close();
  });
});

test('stale working trees of killed workers are removed, and those of other workers are kept', async () => {
  const folder = join(workspace.path, 'mirrors', 'worktrees');
  const names = {
    killed: `${hostname()}~4194999~a`,
    before: `${hostname()}~${process.pid}~a`,
    alive: `${hostname()}~${process.ppid}~a`,
    elsewhere: 'another-host~1~a',
    longAgo: 'another-host~1~b',
  };
  for (const name of Object.values(names)) await mkdir(join(folder, name, 'source'), { recursive: true });
  for (const name of [names.before, names.longAgo]) await utimes(join(folder, name), 0, 0);
  const ours = await repositories.checkout(address('component'), commit, signal);
  await repositories.sweep();
  const left = Object.entries(names).filter(([, name]) => existsSync(join(folder, name)));
  expect(left.map(([key]) => key)).toEqual(['alive', 'elsewhere']);
  expect(existsSync(ours.directory)).toBe(true);
  await ours.remove();
});
