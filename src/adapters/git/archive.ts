import { mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { removeStaleFiles, uniqueName } from '../files/stale-files.ts';
import type { Mirror } from './mirror.ts';

/**
 * Writes the files of a folder ('' is the root) at a commit to a tar file below `directory`. Returns its path; the caller removes
 * the file. Throws `build_failed` when the commit has no such folder, and git's own errors.
 */
export async function archiveCommit(
  mirror: Mirror,
  commit: string,
  folder: string,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const git = mirror.git(signal);
  const tree = folder === '' ? commit : `${commit}:${folder}`;
  if (folder !== '' && !/^040000 tree /.test(await git.raw(['ls-tree', commit, '--', folder]))) {
    throw new Fault('build_failed', `${mirror.repository.url} has no folder ${folder} at commit ${commit}`, {
      hint: 'The build context of a plugin is a folder of its repository.',
    });
  }
  await mkdir(directory, { recursive: true });
  await removeStaleFiles(directory, /\.tar$/);
  const path = join(directory, `${commit.slice(0, 12)}-${uniqueName()}.tar`);
  try {
    // git's default makes files group-writable, which cron, logrotate and sudo refuse in an image.
    await git.raw(['-c', 'tar.umask=0022', 'archive', '--format=tar', `--output=${path}`, tree]);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Returns the folder as git names it: relative, without `.`; '' is the root. Throws `plugin_invalid` when it leads outside. */
export function normalizeFolder(subdirectory: string): string {
  const folder = posix.normalize(subdirectory || '.').replace(/\/$/, '');
  const outside = folder === '..' || folder.startsWith('../') || folder.startsWith('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are not allowed in a folder name
  if (outside || /[\u0000-\u001f\u007f]/.test(folder)) {
    throw new Fault(
      'plugin_invalid',
      `the build context ${JSON.stringify(subdirectory)} is not a folder of the repository`,
    );
  }
  return folder === '.' ? '' : folder;
}
