import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unlessGone } from './unless-gone.ts';

/** Milliseconds that no build takes; older ones of other machines, which share the folder, are nobody's. */
const oldest = 24 * 3600_000;

/** Makes a folder for one build, whose name says which process it belongs to. */
export async function createWorkspace(directory: string): Promise<string> {
  const path = join(directory, `${hostname()}~${process.pid}~${randomUUID()}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Removes the folders of processes that are gone; answers how many. */
export async function sweepWorkspaces(directory: string): Promise<number> {
  let removed = 0;
  for (const name of (await unlessGone(readdir(directory))) ?? []) {
    const [host, pid] = name.split('~');
    const path = join(directory, name);
    const made = (await unlessGone(stat(path)))?.mtimeMs ?? Date.now();
    const gone = host === hostname() ? !isAlive(Number(pid), made) : Date.now() - made > oldest;
    if (!gone) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
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
