import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * On the file system of the store, so that a rename out of it is atomic; hidden, so that it does not count as a plugin.
 */
const folder = '.staging';
/** Age after which a folder is left over from a crash: no upload takes that long. */
const staleAfterMs = 24 * 3600 * 1000;

/** Creates an empty folder inside the plugin store for an upload; the caller removes it. */
export async function openStaging(directory: string): Promise<string> {
  const path = join(directory, folder, randomUUID());
  await mkdir(path, { recursive: true });
  return path;
}

/** Removes folders that crashed uploads have left; keeps those of running uploads of other servers. */
export async function removeOldStaging(directory: string): Promise<void> {
  const names = await readdir(join(directory, folder)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const path = join(directory, folder, name);
    // Another server may have removed it already.
    const state = await stat(path).catch(() => undefined);
    if (state && Date.now() - state.mtimeMs > staleAfterMs) await rm(path, { recursive: true, force: true });
  }
}
