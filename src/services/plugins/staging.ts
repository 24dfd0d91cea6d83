import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** On the file system of the store, so that a rename out of it is atomic; hidden, so that it is no plugin. */
const folder = '.staging';
/** Milliseconds after which what is in it was left by a crash: no upload takes that long. */
const oldAfter = 24 * 3600 * 1000;

/** An empty folder inside the plugin store for an upload; whoever opens it removes it. */
export async function openStaging(directory: string): Promise<string> {
  const path = join(directory, folder, randomUUID());
  await mkdir(path, { recursive: true });
  return path;
}

/** Removes what uploads have left that ended in a crash; those of other servers that are under way stay. */
export async function removeOldStaging(directory: string): Promise<void> {
  const names = await readdir(join(directory, folder)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const path = join(directory, folder, name);
    // Another server may have removed it already.
    const state = await stat(path).catch(() => undefined);
    if (state && Date.now() - state.mtimeMs > oldAfter) await rm(path, { recursive: true, force: true });
  }
}
