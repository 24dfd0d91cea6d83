import type { Issue } from '../../model/fault.ts';
import { repositoryName } from '../../model/repository-name.ts';

/**
 * GitHub accounts have letters, digits, `-` and `_`; repositories also have dots. A full name has exactly one slash.
 */
const owner = /^[a-z0-9][a-z0-9_-]*$/;
const repository = /^(?!\.{1,2}$)[a-z0-9._-]+$/;

/** Returns the issues of the repository of a rule: a spelling that cannot equal the `owner/name` of any webhook. */
export function repositoryIssues(repo: string, path: string): Issue[] {
  const [first = '', second = '', ...rest] = repositoryName(repo).split('/');
  // Folders of a local repository can have any name.
  const isPath = /^(\/|file:)/i.test(repo.trim());
  const isOwner = owner.test(first) || (isPath && repository.test(first));
  if (isOwner && repository.test(second) && rest.length === 0) return [];
  return [{ message: `${JSON.stringify(repo)} is not a repository`, where: { path }, hint: hintFor(repo) }];
}

function hintFor(repo: string): string {
  if (/[*^$[\]|+]/.test(repo)) {
    return 'write owner/name, one rule for each repository: patterns are for branches and tags only';
  }
  // The first two parts after the host, without a branch, query or anchor.
  const parts = repositoryName(repo)
    .replace(/^[^/]*@/, '')
    .replace(/[?#@].*$/, '')
    .split(/[\\/]+/)
    .filter((part) => part !== '' && !part.endsWith(':'));
  const [first = '', second = ''] = parts[0]?.includes('.') ? parts.slice(1) : parts;
  const name = second.replace(/\.git$/, '');
  if (owner.test(first) && repository.test(name)) return `write ${first}/${name}`;
  return 'write owner/name, or any clone URL of it';
}
