import { mkdir } from 'node:fs/promises';
import type { Mirror } from './mirror.ts';

/**
 * Checks out the commit at `path` as a separate repository that borrows the mirror's objects, so that a build cannot change the
 * mirror's branches and settings. Its remote `origin` is the repository's own address.
 */
export async function checkoutCommit(mirror: Mirror, commit: string, path: string, signal: AbortSignal): Promise<void> {
  await mkdir(path, { recursive: true });
  const gitDir = `${path}/.git`;
  const local = mirror.git(signal, { local: true });
  // The mirror's branches become those of `origin`; its tags are kept for git describe.
  await local.raw(['clone', '--quiet', '--shared', '--no-checkout', '--template=', '--', mirror.gitDir, path]);
  const git = mirror.git(signal, { gitDir, workTree: path });
  await git.raw(['remote', 'set-url', 'origin', mirror.repository.url]);
  await git.raw(['checkout', '--quiet', '--force', '--detach', commit, '--']);
}
