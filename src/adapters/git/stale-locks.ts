import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { unlessGone } from '../files/unless-gone.ts';

/** Git holds its locks for milliseconds: one that is this old, or stays the same for `patience`, is nobody's. */
const oldAge = 60_000;
const patience = 2_000;

/** Removes lock files that a killed git left in the repository; answers how many. */
export async function removeStaleLocks(gitDir: string, signal: AbortSignal): Promise<number> {
  const found = await locks(gitDir);
  if ([...found.values()].some(({ mtimeMs }) => Date.now() - mtimeMs < oldAge)) {
    await setTimeout(patience, undefined, { signal });
  }
  const now = await locks(gitDir);
  const stale = [...found].filter(([path, { ino, mtimeMs }]) => {
    const same = now.get(path);
    return same?.ino === ino && same.mtimeMs === mtimeMs;
  });
  for (const [path] of stale) await rm(path, { force: true });
  return stale.length;
}

async function locks(gitDir: string): Promise<Map<string, { ino: number; mtimeMs: number }>> {
  const names = await unlessGone(readdir(gitDir, { recursive: true }));
  const found = new Map<string, { ino: number; mtimeMs: number }>();
  for (const name of names ?? []) {
    if (!name.endsWith('.lock')) continue;
    const path = join(gitDir, name);
    const info = await unlessGone(stat(path));
    if (info) found.set(path, info);
  }
  return found;
}
