import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../files/ignore-missing.ts';
import { uniqueName } from '../files/stale-files.ts';
import { listBorrowedMirrors } from './workspaces.ts';

/** Name of a file in each mirror whose modification time is the mirror's last use. */
const usedFile = 'brightbird-used';
/** Time for which a used mirror is kept, as another process may be reading it. */
const minIdleMs = 600_000;
/** Smallest size of a file on most disks. */
const blockSizeBytes = 4096;

/** Records that a mirror is used now; does nothing when it does not exist yet. */
export async function markUsed(gitDir: string): Promise<void> {
  await ignoreMissing(writeFile(join(gitDir, usedFile), ''));
}

/**
 * Removes the least recently used mirrors of a folder until the rest fits into `limitBytes`. Keeps mirrors that a build borrows
 * from, that `isUsed` names, or that were used in the last 10 minutes. Returns the paths of the removed mirrors.
 */
export async function evictMirrors(
  directory: string,
  worktrees: string,
  limitBytes: number,
  isUsed: (gitDir: string) => boolean,
): Promise<string[]> {
  const names = ((await ignoreMissing(readdir(directory))) ?? []).filter((name) => name.endsWith('.git'));
  const mirrors: { path: string; sizeBytes: number; usedAt: number }[] = [];
  for (const path of names.map((name) => join(directory, name))) {
    // A new clone has no such file yet.
    const info = (await ignoreMissing(stat(join(path, usedFile)))) ?? (await ignoreMissing(stat(path)));
    mirrors.push({ path, sizeBytes: await sizeOf(path), usedAt: info?.mtimeMs ?? 0 });
  }
  let totalBytes = mirrors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes <= limitBytes) return [];
  const borrowed = await listBorrowedMirrors(worktrees);
  const removed: string[] = [];
  for (const { path, sizeBytes, usedAt } of mirrors.sort((a, b) => a.usedAt - b.usedAt)) {
    if (totalBytes <= limitBytes) break;
    if (isUsed(path) || borrowed.has(path) || Date.now() - usedAt < minIdleMs) continue;
    // Renamed first, so that other processes find no mirror instead of half of one.
    const away = `${path}.${uniqueName()}`;
    await ignoreMissing(rename(path, away));
    await rm(away, { recursive: true, force: true });
    removed.push(path);
    totalBytes -= sizeBytes;
  }
  return removed;
}

/** Returns the bytes on disk of all files below a folder. */
async function sizeOf(path: string): Promise<number> {
  let total = 0;
  for (const name of (await ignoreMissing(readdir(path, { recursive: true }))) ?? []) {
    const info = await ignoreMissing(stat(join(path, name)));
    // `blocks` is not used: file systems with delayed allocation do not know it yet.
    if (info?.isFile()) total += Math.ceil(info.size / blockSizeBytes) * blockSizeBytes;
  }
  return total;
}
