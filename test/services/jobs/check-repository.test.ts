import { describe, expect, test } from '@jest/globals';
import { repositoryIssues } from '../../../src/services/jobs/check-repository.ts';

describe('the repository of a rule', () => {
  test.each([
    'o/r',
    'Owner-1/My.Repo_2',
    'company_user/r',
    'o/.github',
    'o/r.git',
    'https://github.com/o/r',
    'https://github.com/o/r.git/',
    'git@github.com:o/r.git',
    'ssh://git@github.com/o/r',
    'file:///srv/some.dir/r',
    '/srv/o/r.git',
    ' o/r ',
  ])('is accepted as %s', (repo) => {
    expect(repositoryIssues(repo, 'p')).toEqual([]);
  });

  test.each([
    ['github.com/o/r', 'write o/r'],
    ['www.github.com/o/r', 'write o/r'],
    ['git@github.com/o/r', 'write o/r'],
    ['https:/github.com/o/r', 'write o/r'],
    ['https://github.com/o/r/tree/main', 'write o/r'],
    ['https://github.com/o/r/pull/12/files', 'write o/r'],
    ['https://github.com/o/r?tab=readme', 'write o/r'],
    ['https://github.com/o/r#readme', 'write o/r'],
    ['o/r@main', 'write o/r'],
    ['o/r/sub', 'write o/r'],
    ['o\\r', 'write o/r'],
    ['./o/r', 'write o/r'],
    ['o/*', expect.stringContaining('one rule for each repository')],
    ['^o/r$', expect.stringContaining('one rule for each repository')],
    ['*', expect.stringContaining('one rule for each repository')],
    ['r', 'write owner/name, or any clone URL of it'],
    ['github.com/o', 'write owner/name, or any clone URL of it'],
    ['o/..', 'write owner/name, or any clone URL of it'],
    ['o/my repo', 'write owner/name, or any clone URL of it'],
    ['ö/r', 'write owner/name, or any clone URL of it'],
    ['https://github.com', 'write owner/name, or any clone URL of it'],
  ])('is refused as %s, which no webhook has, with the hint: %s', (repo, hint) => {
    expect(repositoryIssues(repo, 'rules[0].repo')).toEqual([
      { message: `${JSON.stringify(repo)} is not a repository`, where: { path: 'rules[0].repo' }, hint },
    ]);
  });
});
