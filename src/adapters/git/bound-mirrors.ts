import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownName } from '../files/left-overs.ts';
import { unlessGone } from '../files/unless-gone.ts';
import { borrowedMirrors } from './workspaces.ts';

/** In each mirror: a file whose age is when it was last used. */
const marker = 'brightbird-used';
/** Milliseconds for which a mirror stays that another process may be reading. */
const fresh = 600_000;
/** Bytes that a file takes at least, on most disks. */
const blockSize = 4096;

/** Notes that a mirror is used now; nothing where there is none yet. */
export async function markUsed(gitDir: string): Promise<void> {
  await unlessGone(writeFile(join(gitDir, marker), ''));
}

/**
 * Removes the least recently used mirrors of a folder until the rest fits into `limit` bytes, but none that a build has
 * borrowed, that `isUsed` names, or that was used in the last 10 minutes. Answers with the paths of those removed.
 */
export async function boundMirrors(
  directory: string,
  worktrees: string,
  limit: number,
  isUsed: (gitDir: string) => boolean,
): Promise<string[]> {
  const names = ((await unlessGone(readdir(directory))) ?? []).filter((name) => name.endsWith('.git'));
  const mirrors: { path: string; size: number; used: number }[] = [];
  for (const path of names.map((name) => join(directory, name))) {
    // One that was just cloned has no marker yet.
    const used = (await unlessGone(stat(join(path, marker)))) ?? (await unlessGone(stat(path)));
    mirrors.push({ path, size: await sizeOf(path), used: used?.mtimeMs ?? 0 });
  }
  let total = mirrors.reduce((sum, { size }) => sum + size, 0);
  if (total <= limit) return [];
  const borrowed = await borrowedMirrors(worktrees);
  const removed: string[] = [];
  for (const { path, size, used } of mirrors.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    if (isUsed(path) || borrowed.has(path) || Date.now() - used < fresh) continue;
    // Away first: who comes now finds no mirror, and not half of one.
    const away = `${path}.${ownName()}`;
    await unlessGone(rename(path, away));
    await rm(away, { recursive: true, force: true });
    removed.push(path);
    total -= size;
  }
  return removed;
}

/** Bytes on disk of all files below a folder. */
async function sizeOf(path: string): Promise<number> {
  let total = 0;
  for (const name of (await unlessGone(readdir(path, { recursive: true }))) ?? []) {
    const info = await unlessGone(stat(join(path, name)));
    // Not its blocks, which a disk that allocates late does not know yet.
    if (info?.isFile()) total += Math.ceil(info.size / blockSize) * blockSize;
  }
  return total;
}
