import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secrets that the runner was given, by name: the files of a folder, which is not there when it was given none. */
export async function givenSecrets(folder: string): Promise<Record<string, string>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  // In a cluster the files are links into hidden folders.
  const shown = names.filter((name) => !name.startsWith('.'));
  return Object.fromEntries(
    await Promise.all(shown.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}
