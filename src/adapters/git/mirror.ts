import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { RepositoryUrl } from '../../model/repository-url.ts';
import { ownName } from '../files/left-overs.ts';
import { type GitOptions, safeGit } from './git-environment.ts';
import { kindOf } from './git-failure.ts';

/** The bare copy of one repository: its branches and tags under their own names, and the head of its default branch. */
export interface Mirror {
  repository: RepositoryUrl;
  gitDir: string;
  /** A git for the mirror, or for another place of the same repository. */
  git(signal: AbortSignal, more?: Partial<Pick<GitOptions, 'input' | 'gitDir' | 'workTree' | 'local'>>): SimpleGit;
}

/** Head of the default branch, whatever its name. */
export const headRef = 'refs/brightbird/head';

export function mirrorOf(directory: string, repository: RepositoryUrl, token: string | undefined): Mirror {
  const readable = basename(repository.url.replace(/[/:]+$/, ''), '.git').replace(/[^A-Za-z0-9_-]+/g, '-');
  const hash = createHash('sha256').update(repository.url).digest('hex').slice(0, 16);
  const gitDir = join(directory, `${readable.slice(0, 40)}-${hash}.git`);
  return {
    repository,
    gitDir,
    git: (signal, more) => safeGit({ home: directory, gitDir, repository, token, signal, ...more }),
  };
}

/** False of a mirror that was never made, or only half. */
export function isThere(mirror: Mirror): boolean {
  return existsSync(join(mirror.gitDir, 'HEAD'));
}

/** True unless objects or refs of the mirror are missing or cannot be read; a mirror that does not exist is sound. */
export async function isSound(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(mirror.gitDir)) return true;
  try {
    await mirror.git(signal).raw(['fsck', '--connectivity-only', '--no-dangling', '--progress']);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    return kindOf(error) === 'unreachable';
  }
}

/** Removes the mirror, if there is one; the next fetch makes it anew. */
export async function discard(mirror: Mirror): Promise<void> {
  if (!existsSync(mirror.gitDir)) return;
  const away = `${mirror.gitDir}.${ownName()}`;
  await rename(mirror.gitDir, away);
  await rm(away, { recursive: true, force: true });
}
