import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ignoreMissing } from './ignore-missing.ts';

/** Age at which a file without an owner, or with one on another machine, is stale: no operation takes so long. */
const staleAgeMs = 24 * 3600_000;

/** Returns a unique name for a temporary file that identifies its owner: `<host>~<pid>~<uuid>`. */
export function uniqueName(): string {
  return `${hostname()}~${process.pid}~${randomUUID()}`;
}

/** Removes the entries of a folder that match the pattern and were left by killed workers; returns their number. */
export async function removeStaleFiles(directory: string, pattern: RegExp): Promise<number> {
  let removed = 0;
  for (const name of (await ignoreMissing(readdir(directory))) ?? []) {
    if (!pattern.test(name)) continue;
    const path = join(directory, name);
    const info = await ignoreMissing(stat(path));
    if (!info || !isStale(name, info.mtimeMs)) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** Tells whether the owner in a name of `uniqueName` has ended; other names are judged by age. Times are in milliseconds. */
export function isStale(name: string, createdAt: number): boolean {
  const [, pid] = name.includes(`${hostname()}~`) ? (/~(\d+)~/.exec(name) ?? []) : [];
  return pid === undefined ? Date.now() - createdAt > staleAgeMs : !isAlive(Number(pid), createdAt);
}

/** Tells whether the process that created a file still runs; an earlier process with our own id does not. */
function isAlive(pid: number, createdAt: number): boolean {
  if (pid === process.pid) return createdAt >= Date.now() - process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
