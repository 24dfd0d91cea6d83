import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { copyEntries } from '../files/copy-entries.ts';
import { uniqueName } from '../files/stale-files.ts';
import { listTrees, type OpenRepository, type Tree } from './trees.ts';

/** Tells whether `path` is the folder or is in it; everything is in ''. */
function isIn(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Returns a path relative to the folder. */
function relativeTo(path: string, folder: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}

/**
 * Writes the files of a folder at a commit, with those of its submodules, to a tar file below `directory`. Returns its path;
 * the caller removes the file. Submodules outside the folder are not fetched.
 */
export async function archiveTrees(
  open: OpenRepository,
  root: Tree,
  folder: string,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const trees = await listTrees(open, root, (path) => isIn(path, folder) || isIn(folder, path), signal);
  // The folder may be a submodule or in one.
  const home = trees.findLast(({ path }) => isIn(folder, path)) ?? root;
  const rest = trees.filter((tree) => tree !== home && tree.path !== '' && isIn(tree.path, folder));
  const first = await home.mirror.archive(home.commit, relativeTo(folder, home.path), directory, signal);
  if (rest.length === 0) return first;
  const parts = [{ tar: first, prefix: '' }];
  const path = join(directory, `${root.commit.slice(0, 12)}-${uniqueName()}.tar`);
  try {
    for (const { mirror, commit, path: treePath } of rest) {
      const tar = await mirror.archive(commit, '', directory, signal);
      parts.push({ tar, prefix: `${relativeTo(treePath, folder)}/` });
    }
    const all = pack();
    const written = (async () => {
      for (const { tar, prefix } of parts) await copyEntries(tar, all, (name) => prefix + name);
      all.finalize();
    })();
    written.catch((error: Error) => all.destroy(error));
    await Promise.all([written, pipeline(all, createWriteStream(path), { signal })]);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    for (const { tar } of parts) await rm(tar, { force: true });
  }
}
