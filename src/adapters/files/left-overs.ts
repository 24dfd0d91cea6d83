import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unlessGone } from './unless-gone.ts';

/** Milliseconds after which what has no owner, or one on another machine, is left over: no operation takes so long. */
const oldest = 24 * 3600_000;

/** A name for what one operation makes and removes, which says whose it is: `<host>~<pid>~<uuid>`. */
export function ownName(): string {
  return `${hostname()}~${process.pid}~${randomUUID()}`;
}

/** Removes what killed workers left in a folder, of those entries whose name fits the pattern; answers how many. */
export async function removeLeftOvers(directory: string, pattern: RegExp): Promise<number> {
  let removed = 0;
  for (const name of (await unlessGone(readdir(directory))) ?? []) {
    if (!pattern.test(name)) continue;
    const path = join(directory, name);
    const info = await unlessGone(stat(path));
    if (!info || !isLeft(name, info.mtimeMs)) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** Whether what bears a name of ownName, and was made at a moment, belongs to nobody any more; as that of other things by age. */
export function isLeft(name: string, made: number): boolean {
  const [, pid] = name.includes(`${hostname()}~`) ? (/~(\d+)~/.exec(name) ?? []) : [];
  return pid === undefined ? Date.now() - made > oldest : !isAlive(Number(pid), made);
}

/** Whether the process that made something then still runs; one that had our number before us does not. */
function isAlive(pid: number, made: number): boolean {
  if (pid === process.pid) return made >= Date.now() - process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
