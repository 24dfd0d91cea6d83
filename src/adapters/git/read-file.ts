import { posix } from 'node:path';
import type { Mirror } from './mirror.ts';

/** Limit of symbolic links that lead to each other. */
const maxLinks = 8;

/**
 * Returns the text of a file at a commit, following symbolic links; undefined when the commit itself has no such file: it may
 * be in a submodule. Throws git's own errors.
 */
export async function readFileAt(
  mirror: Mirror,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let name = posix.normalize(path);
  for (let links = 0; links < maxLinks && !name.startsWith('..'); links += 1) {
    const listed = await mirror.git(signal).raw(['ls-tree', '-z', '--full-tree', commit, '--', name]);
    const [, mode, object] = /^(\d{6}) blob ([0-9a-f]{40})\t/.exec(listed) ?? [];
    if (object === undefined) return undefined;
    const text = await mirror.git(signal).raw(['cat-file', 'blob', object]);
    if (mode !== '120000') return text;
    name = posix.join(posix.dirname(name), text);
  }
  return undefined;
}
