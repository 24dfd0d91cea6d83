import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads the runner's secrets by name from the files of a folder, which does not exist when there are none. */
export async function readSecrets(folder: string): Promise<Record<string, string>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  // In a cluster the files are links into hidden folders.
  const visible = names.filter((name) => !name.startsWith('.'));
  return Object.fromEntries(
    await Promise.all(visible.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}
