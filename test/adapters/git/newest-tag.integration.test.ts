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
const { signal } = new AbortController();
const newest = (pattern: string, repo = origin): Promise<string> => repositories.newestTag(repo.url, pattern, signal);

beforeAll(async () => {
  workspace = await createWorkspace();
  const directory = join(workspace.path, 'mirrors');
  repositories = createRepositories({ directory, allowFileUrls: true, log: workspace.log });
  origin = await createRepository(join(workspace.path, 'greeter'));
  await origin.commit('first');
  for (const tag of ['v1.9.0', 'v1.10.0', 'v1.10.0-rc1', 'v1.2.0', 'nightly-2026-11-24']) origin.git('tag', tag);
});
afterAll(() => workspace.remove());

describe('the newest tag that a pattern matches', () => {
  test.each([
    ['by the order of versions, not of letters', '^v', 'v1.10.0'],
    ['where a release candidate is older than its release', '^v1\\.10', 'v1.10.0'],
    ['among those that match alone', '^v1\\.[29]\\.', 'v1.9.0'],
    ['also with a name that is no version', 'nightly', 'nightly-2026-11-24'],
  ])('is found %s', async (_how, pattern, tag) => {
    expect(await newest(pattern)).toBe(tag);
  });

  test('is one that was made a moment ago', async () => {
    origin.git('tag', 'v2.0.0');
    expect(await newest('^v')).toBe('v2.0.0');
    origin.git('tag', '-d', 'v2.0.0');
    expect(await newest('^v')).toBe('v1.10.0');
  });

  test('is a fault that names the pattern and what there is, when none matches', async () => {
    const fault = await faultOf(newest('^release-'));
    expect(fault).toMatchObject({ code: 'ref_not_found', hint: expect.stringContaining('v1.10.0') });
    expect(fault.message).toContain('^release-');
    const bare = await createRepository(join(workspace.path, 'bare'));
    await bare.commit('first');
    expect(await faultOf(newest('.', bare))).toMatchObject({ code: 'ref_not_found', hint: 'It has no tags.' });
  });

  test('is a fault of the pattern when that is none', async () => {
    expect(await faultOf(newest('('))).toMatchObject({ code: 'input_invalid' });
  });
});
