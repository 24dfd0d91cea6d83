import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { RepositoryUrl } from '../../model/repository-url.ts';
import { uniqueName } from '../files/stale-files.ts';
import { createGit, type GitOptions } from './git-environment.ts';
import { classifyFailure } from './git-failure.ts';

/** A bare mirror of one repository: branches and tags under their own names, and the head of the default branch. */
export interface Mirror {
  repository: RepositoryUrl;
  gitDir: string;
  /** Creates a git client for the mirror, or for another folder of the same repository. */
  git(signal: AbortSignal, more?: Partial<Pick<GitOptions, 'input' | 'gitDir' | 'workTree' | 'local'>>): SimpleGit;
}

/** Ref of the default branch's head, whatever the branch's name. */
export const headRef = 'refs/brightbird/head';

export function mirrorOf(directory: string, repository: RepositoryUrl, token: string | undefined): Mirror {
  const name = basename(repository.url.replace(/[/:]+$/, ''), '.git').replace(/[^A-Za-z0-9_-]+/g, '-');
  const hash = createHash('sha256').update(repository.url).digest('hex').slice(0, 16);
  const gitDir = join(directory, `${name.slice(0, 40)}-${hash}.git`);
  return {
    repository,
    gitDir,
    git: (signal, more) => createGit({ home: directory, gitDir, repository, token, signal, ...more }),
  };
}

/** Tells whether the mirror is completely cloned. */
export function isCloned(mirror: Mirror): boolean {
  return existsSync(join(mirror.gitDir, 'HEAD'));
}

/** Tells whether all objects and refs of the mirror can be read; a mirror that does not exist is intact. */
export async function isIntact(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(mirror.gitDir)) return true;
  try {
    await mirror.git(signal).raw(['fsck', '--connectivity-only', '--no-dangling', '--progress']);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    return classifyFailure(error) === 'unreachable';
  }
}

/** Removes the mirror, if there is one; the next fetch clones it again. */
export async function removeMirror(mirror: Mirror): Promise<void> {
  if (!existsSync(mirror.gitDir)) return;
  const away = `${mirror.gitDir}.${uniqueName()}`;
  await rename(mirror.gitDir, away);
  await rm(away, { recursive: true, force: true });
}
