import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessGone } from './unless-gone.ts';

/** Milliseconds after which a file or folder of one operation is left over: its worker was killed before it removed it. */
const leftOver = 24 * 3600_000;

/** Removes what killed workers left in the folder, of those entries whose name fits the pattern. */
export async function removeLeftOvers(directory: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!pattern.test(name)) continue;
    const path = join(directory, name);
    const info = await unlessGone(stat(path));
    if (info && Date.now() - info.mtimeMs > leftOver) await rm(path, { recursive: true, force: true });
  }
}
