import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { ownName, removeLeftOvers } from '../files/left-overs.ts';
import { kindOf } from './git-failure.ts';
import { discard, headRef, isThere, type Mirror } from './mirror.ts';

const everything = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
/** Without --update-shallow, git leaves out the branches of a shallow repository and says nothing of it. */
const fetch = [
  ...['fetch', '--progress', '--no-write-fetch-head', '--no-recurse-submodules', '--no-tags'],
  '--update-shallow',
];

/** Makes the mirror equal to the repository: forced, pruned, with all tags. Throws what git said. */
export async function fetchAll(mirror: Mirror, signal: AbortSignal): Promise<void> {
  if (!isThere(mirror) && (await clone(mirror, signal))) return;
  await fetchInto(mirror.git(signal), mirror.repository.url);
}

/** Fetches a commit that no branch or tag reaches, if the repository has it and gives it out. Throws what git said. */
export async function fetchCommit(mirror: Mirror, sha: string, signal: AbortSignal): Promise<void> {
  try {
    await mirror.git(signal).raw([...fetch, '--', mirror.repository.url, `+${sha}:refs/brightbird/commits/${sha}`]);
  } catch (error) {
    if (kindOf(error) !== 'no_commit') throw error;
  }
}

/** Clones beside the mirror and moves the clone in when it is complete. False when another process was first. */
async function clone(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  await removeLeftOvers(dirname(mirror.gitDir), /\.git\../);
  const gitDir = `${mirror.gitDir}.${ownName()}`;
  const git = mirror.git(signal, { gitDir });
  try {
    await mkdir(join(gitDir, 'info'), { recursive: true });
    // A build gets what a checkout would have, so files that the repository leaves out of its archives are in.
    await writeFile(join(gitDir, 'info', 'attributes'), '* !export-ignore !export-subst\n');
    await git.raw(['init', '--bare', '--quiet', '--initial-branch=main', '--template=']);
    await fetchInto(git, mirror.repository.url);
    if (isThere(mirror)) return false;
    await discard(mirror);
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
    if (kindOf(error) !== 'no_head') throw error;
    await git.raw([...fetch, '--prune', '--', url, ...everything]);
    await git.raw(['update-ref', '-d', headRef]);
  }
}
