import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ignoreMissing } from '../files/ignore-missing.ts';

/** Git holds locks for milliseconds: a lock of this age, or one unchanged for `observeMs`, is stale. */
const staleAgeMs = 60_000;
const observeMs = 2_000;

/** Removes lock files of a killed git from the repository; returns their number. */
export async function removeStaleLocks(gitDir: string, signal: AbortSignal): Promise<number> {
  const found = await listLocks(gitDir);
  if ([...found.values()].some(({ mtimeMs }) => Date.now() - mtimeMs < staleAgeMs)) {
    await setTimeout(observeMs, undefined, { signal });
  }
  const now = await listLocks(gitDir);
  const stale = [...found].filter(([path, { ino, mtimeMs }]) => {
    const same = now.get(path);
    return same?.ino === ino && same.mtimeMs === mtimeMs;
  });
  for (const [path] of stale) await rm(path, { force: true });
  return stale.length;
}

async function listLocks(gitDir: string): Promise<Map<string, { ino: number; mtimeMs: number }>> {
  const names = await ignoreMissing(readdir(gitDir, { recursive: true }));
  const found = new Map<string, { ino: number; mtimeMs: number }>();
  for (const name of names ?? []) {
    if (!name.endsWith('.lock')) continue;
    const path = join(gitDir, name);
    const info = await ignoreMissing(stat(path));
    if (info) found.set(path, info);
  }
  return found;
}
