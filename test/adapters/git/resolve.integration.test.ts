import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { faultOf } from '../../support/adapters/images/faults.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';

let workspace: Workspace;
let repositories: Repositories;
let origin: TestRepository;
const shas: Record<'first' | 'second' | 'third', string> = { first: '', second: '', third: '' };
const { signal } = new AbortController();
const resolve = async (version: string, repo = origin): Promise<string> =>
  (await repositories.resolve(repo.url, version, signal)).commit;
const fetches = (): number => workspace.logged().split('to latest').length - 1;

beforeAll(async () => {
  workspace = await createWorkspace();
  repositories = createRepositories({
    directory: join(workspace.path, 'mirrors'),
    allowFileUrls: true,
    log: workspace.log,
  });
  origin = await createRepository(join(workspace.path, 'greeter'), 'trunk');
  shas.first = await origin.commit('first');
  origin.git('tag', '-a', 'v1.0.0', '-m', 'release');
  origin.git('tag', 'light');
  origin.git('branch', 'feature/login');
  shas.second = await origin.commit('second');
  origin.git('branch', 'both');
  origin.git('tag', 'both', shas.first);
  origin.git('branch', 'tags/odd', shas.first);
  shas.third = await origin.commit('third');
  origin.git('tag', '-a', 'tag-of-tag', '-m', 'again', 'v1.0.0');
});
afterAll(() => workspace.remove());

describe('a version resolves to the same commit as git rev-parse', () => {
  test.each([
    ['nothing: the head of the default branch, here called trunk', '', 'HEAD'],
    ['HEAD', 'HEAD', 'HEAD'],
    ['a branch', 'trunk', 'trunk'],
    ['a branch with a slash', 'feature/login', 'feature/login'],
    ['a light tag', 'light', 'light'],
    ['an annotated tag', 'v1.0.0', 'v1.0.0'],
    ['a tag of a tag', 'tag-of-tag', 'tag-of-tag'],
    ['a tag and a branch of one name', 'both', 'both'],
    ['a tag by its full name', 'refs/tags/v1.0.0', 'refs/tags/v1.0.0'],
    ['a branch by its full name', 'refs/heads/both', 'refs/heads/both'],
    ['a branch behind heads/', 'heads/both', 'heads/both'],
    ['a branch with a slash behind heads/', 'heads/feature/login', 'heads/feature/login'],
    ['a tag behind tags/', 'tags/both', 'tags/both'],
    ['an annotated tag behind tags/', 'tags/v1.0.0', 'tags/v1.0.0'],
    ['a branch whose own name begins with tags/', 'tags/odd', 'refs/heads/tags/odd'],
  ])('resolves %s', async (_, version, expression) => {
    expect(await resolve(version)).toBe(origin.git('rev-parse', `${expression}^{commit}`));
  });

  test('resolves a full sha, also in capitals', async () => {
    expect(await resolve(shas.second)).toBe(shas.second);
    expect(await resolve(shas.second.toUpperCase())).toBe(shas.second);
  });

  test('resolves an abbreviated sha of a commit or an annotated tag', async () => {
    expect(await resolve(shas.second.slice(0, 7))).toBe(shas.second);
    const tag = origin.git('rev-parse', 'v1.0.0');
    expect(tag).not.toBe(shas.first);
    expect(await resolve(tag.slice(0, 9))).toBe(shas.first);
  });

  test('prefers a branch whose name could be an abbreviated sha', async () => {
    const name = shas.first.slice(0, 7);
    origin.git('branch', name, shas.third);
    expect(await resolve(name)).toBe(shas.third);
    origin.git('branch', '-D', name);
    expect(await resolve(name)).toBe(shas.first);
  });
});

describe('changes in the repository', () => {
  test('follows a force-pushed branch, and still resolves its old commit by sha', async () => {
    origin.git('checkout', '--quiet', '-b', 'moving');
    const before = await origin.commit('before');
    expect(await resolve('moving')).toBe(before);
    origin.git('reset', '--quiet', '--hard', shas.first);
    const after = await origin.commit('after');
    expect(await resolve('moving')).toBe(after);
    expect(await resolve(before)).toBe(before);
    origin.git('checkout', '--quiet', 'trunk');
  });

  test('follows a moved tag, and removes a deleted branch', async () => {
    origin.git('tag', 'nightly', shas.first);
    origin.git('branch', 'short-lived');
    expect(await resolve('nightly')).toBe(shas.first);
    expect(await resolve('short-lived')).toBe(shas.third);
    origin.git('tag', '--force', 'nightly', shas.second);
    origin.git('branch', '-D', 'short-lived');
    expect(await resolve('nightly')).toBe(shas.second);
    expect((await faultOf(resolve('short-lived'))).code).toBe('ref_not_found');
  });

  test('accepts a branch that replaces a folder of branches', async () => {
    origin.git('branch', 'release/1');
    expect(await resolve('release/1')).toBe(shas.third);
    origin.git('branch', '-D', 'release/1');
    origin.git('branch', 'release', shas.second);
    expect(await resolve('release')).toBe(shas.second);
  });

  test('fetches a commit that no branch or tag reaches by its sha', async () => {
    origin.git('checkout', '--quiet', '--detach');
    const loose = await origin.commit('on no branch');
    origin.git('checkout', '--quiet', 'trunk');
    expect(await resolve(loose)).toBe(loose);
  });

  test('follows a renamed default branch', async () => {
    const other = await createRepository(join(workspace.path, 'renamed'), 'master');
    await other.commit('old');
    await resolve('', other);
    other.git('checkout', '--quiet', '-b', 'main');
    other.git('branch', '-D', 'master');
    const head = await other.commit('new');
    expect(await resolve('', other)).toBe(head);
  });
});

describe('the number of fetches', () => {
  test('resolves a known full sha without a fetch, even when the repository is gone', async () => {
    const other = await createRepository(join(workspace.path, 'leaving'));
    const sha = await other.commit('only');
    await resolve('', other);
    const before = fetches();
    await rename(other.path, `${other.path}.gone`);
    expect(await resolve(sha, other)).toBe(sha);
    expect(fetches()).toBe(before);
    expect((await faultOf(resolve('main', other))).code).toBe('repository_not_found');
  });

  test('fetches at most twice for twenty concurrent requests', async () => {
    const before = fetches();
    const answers = await Promise.all(Array.from({ length: 20 }, () => resolve('trunk')));
    expect(new Set(answers)).toEqual(new Set([shas.third]));
    expect(fetches() - before).toBeLessThanOrEqual(2);
  });

  test('fetches again for a request after a push', async () => {
    const first = resolve('trunk');
    await first;
    const pushed = await origin.commit('pushed');
    expect(await resolve('trunk')).toBe(pushed);
    origin.git('reset', '--quiet', '--hard', shas.third);
  });
});

describe('a version that does not exist', () => {
  test('fails with the repository and the version, and similar names as a hint', async () => {
    const fault = await faultOf(resolve('trunc'));
    expect(fault).toMatchObject({ code: 'ref_not_found', hint: 'It has: trunk' });
    expect(fault.message).toContain(origin.url);
    expect(fault.message).toContain('trunc');
    expect((await faultOf(resolve('login'))).hint).toContain('feature/login');
    expect((await faultOf(resolve('v1.0.1'))).hint).toContain('v1.0.0');
    expect((await faultOf(resolve('entirely-different'))).hint).toContain('no branch or tag');
  });

  test('rejects an unknown sha, full or abbreviated', async () => {
    expect((await faultOf(resolve('d'.repeat(40)))).code).toBe('ref_not_found');
    expect((await faultOf(resolve('d'.repeat(12)))).code).toBe('ref_not_found');
  });

  test('distinguishes an ambiguous abbreviated sha from an unknown one', async () => {
    const twins = await createRepository(join(workspace.path, 'twins'));
    const root = await twins.commit('root');
    const [one, other] = twinCommits(twins.git('rev-parse', `${root}^{tree}`));
    for (const [index, text] of [one, other].entries()) {
      await writeFile(join(twins.path, 'commit'), text);
      twins.git('update-ref', `refs/heads/b${index}`, twins.git('hash-object', '-t', 'commit', '-w', 'commit'));
    }
    const sha = twins.git('rev-parse', 'b0');
    const prefix = sha.slice(0, 4);
    expect(twins.git('rev-parse', 'b1')).toMatch(new RegExp(`^${prefix}`));
    const fault = await faultOf(resolve(prefix, twins));
    expect(fault).toMatchObject({ code: 'ref_not_found', message: expect.stringContaining('several') });
    expect(fault.hint).toContain(sha);
  });

  test('rejects a tag of a file', async () => {
    origin.git('tag', 'file', `${shas.first}:README.md`);
    expect((await faultOf(resolve('file'))).code).toBe('ref_not_found');
  });

  test('rejects the default branch of a repository without commits', async () => {
    const empty = await createRepository(join(workspace.path, 'empty'));
    expect(await faultOf(resolve('', empty))).toMatchObject({
      code: 'ref_not_found',
      message: expect.stringContaining('no default branch'),
    });
    const commit = await empty.commit('now it has one');
    expect(await resolve('', empty)).toBe(commit);
  });

  test('resolves other branches when the default branch does not exist', async () => {
    const odd = await createRepository(join(workspace.path, 'odd'));
    const commit = await odd.commit('on trunk');
    odd.git('branch', '-m', 'trunk');
    odd.git('symbolic-ref', 'HEAD', 'refs/heads/never-made');
    expect(await resolve('trunk', odd)).toBe(commit);
    expect(await faultOf(resolve('', odd))).toMatchObject({ code: 'ref_not_found', hint: 'It has: trunk' });
  });
});

describe('aborting a resolution', () => {
  test('an aborted request does not abort concurrent ones', async () => {
    const one = new AbortController();
    const given = repositories.resolve(origin.url, 'trunk', one.signal);
    const other = resolve('trunk');
    one.abort(new Error('not needed any more'));
    await expect(given).rejects.toThrow('not needed any more');
    expect(await other).toBe(shas.third);
  });

  test('an aborted signal causes no fetch', async () => {
    const before = fetches();
    await expect(repositories.resolve(origin.url, 'trunk', AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect(fetches()).toBe(before);
  });
});

test('the log names the updated repository and the resolved commit', async () => {
  await resolve('v1.0.0');
  expect(workspace.logged()).toContain(`update repo ${origin.url} to latest`);
  expect(workspace.logged()).toContain(`get repo ${origin.url} commit ${shas.first} success`);
});

/** Finds the texts of two commits whose shas begin with the same four digits. */
function twinCommits(tree: string): [string, string] {
  const seen = new Map<string, string>();
  for (let n = 0; ; n += 1) {
    const text = `tree ${tree}\nauthor t <t@t> ${n} +0000\ncommitter t <t@t> ${n} +0000\n\ntwin\n`;
    const sha = createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex');
    const twin = seen.get(sha.slice(0, 4));
    if (twin) return [twin, text];
    seen.set(sha.slice(0, 4), text);
  }
}

describe('a shallow repository', () => {
  let shallow: string;
  beforeAll(() => {
    shallow = join(workspace.path, 'shallow.git');
    origin.git('clone', '--quiet', '--bare', '--depth', '1', '--no-single-branch', origin.url, shallow);
  });
  const ask = (version: string) => repositories.resolve(`file://${shallow}`, version, signal);

  test('a shallow repository resolves its default branch, branches and tags, and can be built', async () => {
    expect(await ask('')).toEqual({ commit: shas.third });
    expect(await ask('trunk')).toEqual({ commit: shas.third });
    expect(await ask('heads/both')).toEqual({ commit: shas.second });
    expect(await repositories.readFile(`file://${shallow}`, shas.third, 'README.md', signal)).toBe('third');
    const { directory, remove } = await repositories.checkout(`file://${shallow}`, shas.third, signal);
    expect(await readFile(join(directory, 'source', 'README.md'), 'utf8')).toBe('third');
    await remove();
  });

  test('a request for a missing commit fails with the hint that the repository is shallow', async () => {
    const single = join(workspace.path, 'single.git');
    origin.git('clone', '--quiet', '--bare', '--depth', '1', '--no-tags', origin.url, single);
    const fault = await faultOf(repositories.resolve(`file://${single}`, shas.first, signal));
    expect(fault).toMatchObject({
      code: 'ref_not_found',
      hint: expect.stringMatching(/shallow.*git fetch --unshallow/),
    });
  });
});
