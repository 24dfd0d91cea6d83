import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { removeStaleFiles, uniqueName } from '../files/stale-files.ts';
import { classifyFailure } from './git-failure.ts';
import { headRef, isCloned, type Mirror, removeMirror } from './mirror.ts';

const everything = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
/** Without --update-shallow, git silently leaves out the branches of a shallow repository. */
const fetch = [
  ...['fetch', '--progress', '--no-write-fetch-head', '--no-recurse-submodules', '--no-tags'],
  '--update-shallow',
];

/** Makes the mirror equal to the repository: forced, pruned, with all tags. Throws git's own errors. */
export async function fetchAll(mirror: Mirror, signal: AbortSignal): Promise<void> {
  if (!isCloned(mirror) && (await clone(mirror, signal))) return;
  await fetchInto(mirror.git(signal), mirror.repository.url);
}

/** Fetches a commit that no branch or tag reaches, if the repository serves it. Throws git's own errors. */
export async function fetchCommit(mirror: Mirror, sha: string, signal: AbortSignal): Promise<void> {
  try {
    await mirror.git(signal).raw([...fetch, '--', mirror.repository.url, `+${sha}:refs/brightbird/commits/${sha}`]);
  } catch (error) {
    if (classifyFailure(error) !== 'no_commit') throw error;
  }
}

/** Clones beside the mirror and moves the complete clone into place. Returns false when another process was first. */
async function clone(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  await removeStaleFiles(dirname(mirror.gitDir), /\.git\../);
  const gitDir = `${mirror.gitDir}.${uniqueName()}`;
  const git = mirror.git(signal, { gitDir });
  try {
    await mkdir(join(gitDir, 'info'), { recursive: true });
    // A build gets the same files as a checkout, also those that the repository excludes from its archives.
    await writeFile(join(gitDir, 'info', 'attributes'), '* !export-ignore !export-subst\n');
    await git.raw(['init', '--bare', '--quiet', '--initial-branch=main', '--template=']);
    await fetchInto(git, mirror.repository.url);
    if (isCloned(mirror)) return false;
    await removeMirror(mirror);
    await rename(gitDir, mirror.gitDir);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return false;
    throw error;
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

async function fetchInto(git: SimpleGit, url: string): Promise<void> {
  try {
    await git.raw([...fetch, '--prune', '--', url, `+HEAD:${headRef}`, ...everything]);
  } catch (error) {
    if (classifyFailure(error) !== 'no_head') throw error;
    await git.raw([...fetch, '--prune', '--', url, ...everything]);
    await git.raw(['update-ref', '-d', headRef]);
  }
}
