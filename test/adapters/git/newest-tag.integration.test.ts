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

describe('newestTag', () => {
  test.each([
    ['by the order of versions, not of letters', '^v', 'v1.10.0'],
    ['where a release candidate is older than its release', '^v1\\.10', 'v1.10.0'],
    ['only among matching tags', '^v1\\.[29]\\.', 'v1.9.0'],
    ['a name that is not a version', 'nightly', 'nightly-2026-11-24'],
  ])('finds the newest matching tag: %s', async (_how, pattern, tag) => {
    expect(await newest(pattern)).toBe(tag);
  });

  test('finds a tag that was created just now', async () => {
    origin.git('tag', 'v2.0.0');
    expect(await newest('^v')).toBe('v2.0.0');
    origin.git('tag', '-d', 'v2.0.0');
    expect(await newest('^v')).toBe('v1.10.0');
  });

  test('fails with the pattern and the existing tags when no tag matches', async () => {
    const fault = await faultOf(newest('^release-'));
    expect(fault).toMatchObject({ code: 'ref_not_found', hint: expect.stringContaining('v1.10.0') });
    expect(fault.message).toContain('^release-');
    const bare = await createRepository(join(workspace.path, 'bare'));
    await bare.commit('first');
    expect(await faultOf(newest('.', bare))).toMatchObject({ code: 'ref_not_found', hint: 'It has no tags.' });
  });

  test('rejects an invalid pattern', async () => {
    expect(await faultOf(newest('('))).toMatchObject({ code: 'input_invalid' });
  });
});
