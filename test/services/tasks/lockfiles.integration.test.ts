import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepositories } from '../../../src/adapters/git/repositories.ts';
import type { Repositories } from '../../../src/model/ports/git.ts';
import type { Task } from '../../../src/model/task.ts';
import { compareLockfiles } from '../../../src/services/tasks/compare-lockfiles.ts';
import { lockfileOf } from '../../../src/services/tasks/lockfile.ts';
import { createRepository, type TestRepository } from '../../support/adapters/git/repository.ts';
import { createWorkspace, type Workspace } from '../../support/adapters/images/workspace.ts';
import { openStore, type TestStore } from '../../support/adapters/mongodb/open-store.ts';
import { aTask } from '../../support/adapters/mongodb/records.ts';

let opened: TestStore;
let workspace: Workspace;
let history: Repositories;
let origin: TestRepository;
const commits: string[] = [];
let aside = '';

beforeAll(async () => {
  [opened, workspace] = await Promise.all([openStore(), createWorkspace()]);
  history = createRepositories({ directory: join(workspace.path, 'mirrors'), allowFileUrls: true, log: workspace.log });
  origin = await createRepository(join(workspace.path, 'greeter'));
  for (let n = 0; n < 5; n += 1) commits.push(await origin.commit(`commit ${n}`));
  origin.git('checkout', '--quiet', '-b', 'aside', commits[1] ?? '');
  aside = await origin.commit('aside');
});
afterAll(async () => {
  await opened.close();
  await workspace.remove();
});

let count = 0;
async function record(commit: string, more: Partial<Task> = {}): Promise<string> {
  count += 1;
  const component = {
    plugin: 'greeter',
    repo: origin.url,
    version: 'main',
    commit,
    image: `greeter:${commit}`,
    built: true,
  };
  const task = aTask('lock', count, {
    state: 'success',
    pipeline: [
      { instance: 'one', plugin: 'greeter', version: 'v1.0.0', input: {} },
      { instance: 'two', plugin: 'greeter', version: 'v1.1.0', input: {} },
      { instance: 'check', plugin: 'bash', version: 'v1.0.0', input: {} },
    ],
    components: [{ ...component, digest: `sha256:${commit}`, build: 'greeter' }],
    globals: { logLevel: 'DEBUG' },
    ...more,
  });
  await opened.store.tasks.open(task, () => `lock-${count}`);
  return task.id;
}
const compare = (from: string, to: string) => compareLockfiles({ ...opened.store, history }, from, to);

test('lockfileOf returns flow revision, globals, all plugin versions and the components of a task', async () => {
  const task = await opened.store.tasks.get(await record(commits[0] ?? ''));
  if (!task) throw new Error('the task is not on record');
  expect(lockfileOf(task)).toEqual({
    taskId: task.id,
    testFlowId: 'f1',
    flowRevision: 1,
    globals: { logLevel: 'DEBUG' },
    plugins: [
      { plugin: 'bash', version: 'v1.0.0' },
      { plugin: 'greeter', version: 'v1.0.0' },
      { plugin: 'greeter', version: 'v1.1.0' },
    ],
    components: [
      {
        plugin: 'greeter',
        repo: origin.url,
        version: 'main',
        commit: commits[0],
        image: `greeter:${commits[0]}`,
        digest: `sha256:${commits[0]}`,
      },
    ],
  });
  expect(() => lockfileOf({ ...task, pipeline: [] })).toThrow('has no lockfile');
});

describe('compareLockfiles', () => {
  test('compareLockfiles counts the commits between two versions only if a mirror has them', async () => {
    const [from, to] = [await record(commits[0] ?? ''), await record(commits[3] ?? '')];
    const [before] = (await compare(from, to)).components;
    expect(before).toMatchObject({ plugin: 'greeter', same: false });
    expect(before?.commits).toBeUndefined();
    await history.resolve(origin.url, 'main', new AbortController().signal);
    expect((await compare(from, to)).components).toMatchObject([{ commits: { ahead: 3, behind: 0 } }]);
    expect((await compare(to, from)).components).toMatchObject([{ commits: { ahead: 0, behind: 3 } }]);
    const branched = await compare(await record(aside), to);
    expect(branched.components).toMatchObject([{ commits: { ahead: 2, behind: 1 } }]);
  });

  test('compareLockfiles finds no difference between two runs of the same versions', async () => {
    const [from, to] = [await record(commits[0] ?? ''), await record(commits[0] ?? '')];
    expect(await compare(from, to)).toMatchObject({ same: true, globals: [], plugins: [], flow: { same: true } });
  });

  test('compareLockfiles lists differences of flow, globals and plugins, and components of one task only', async () => {
    const from = await record(commits[0] ?? '');
    const to = await record('', {
      flowRevision: 2,
      globals: { logLevel: 'INFO', more: 1 },
      pipeline: [{ instance: 'check', plugin: 'bash', version: 'v1.2.0', input: {} }],
      components: [],
    });
    const difference = await compare(from, to);
    expect(difference).toMatchObject({
      same: false,
      flow: { same: false, from: { revision: 1 }, to: { revision: 2 } },
      globals: [
        { name: 'logLevel', from: 'DEBUG', to: 'INFO' },
        { name: 'more', to: 1 },
      ],
      plugins: [
        { plugin: 'bash', from: ['v1.0.0'], to: ['v1.2.0'] },
        { plugin: 'greeter', from: ['v1.0.0', 'v1.1.0'], to: [] },
      ],
    });
    expect(difference.components).toMatchObject([{ plugin: 'greeter', same: false, from: { commit: commits[0] } }]);
    expect(difference.components[0]?.to).toBeUndefined();
  });

  test('compareLockfiles reports different images of the same commit as a difference', async () => {
    const from = await record(commits[0] ?? '');
    const known = await opened.store.tasks.get(from);
    const components = (known?.components ?? []).map((one) => ({ ...one, digest: 'sha256:other' }));
    const difference = await compare(from, await record(commits[0] ?? '', { components }));
    expect(difference).toMatchObject({ same: false, components: [{ same: false }] });
  });
});

describe('commits between two commits by first parents', () => {
  const { signal } = new AbortController();
  test('the list of commits is ordered and excludes the first commit', async () => {
    const [, ...rest] = commits;
    expect(await history.firstParents(origin.url, commits[0] ?? '', commits[4] ?? '', signal)).toEqual(rest);
  });

  test('the list of commits excludes commits of merged branches', async () => {
    origin.git('checkout', '--quiet', 'main');
    origin.git('merge', '--quiet', '--no-ff', '--strategy=ours', '-m', 'merge aside', 'aside');
    const merge = origin.git('rev-parse', 'HEAD');
    expect(await history.firstParents(origin.url, commits[3] ?? '', merge, signal)).toEqual([commits[4], merge]);
    const wrong = history.firstParents(origin.url, aside, merge, signal);
    await expect(wrong).rejects.toMatchObject({ code: 'input_invalid', message: expect.stringContaining(aside) });
  });

  test('the list of commits is refused if the good commit comes after the bad one', async () => {
    const wrong = history.firstParents(origin.url, commits[3] ?? '', commits[1] ?? '', signal);
    await expect(wrong).rejects.toMatchObject({ code: 'input_invalid' });
  });

  test('the list of commits has author, time and subject of each commit', async () => {
    const info = await history.commitInfo(origin.url, commits[2] ?? '', signal);
    expect(info).toMatchObject({ sha: commits[2], author: 'test <test@brightbird.invalid>', subject: 'commit 2' });
    expect(new Date(info.at).getTime()).toBeGreaterThan(0);
  });
});
