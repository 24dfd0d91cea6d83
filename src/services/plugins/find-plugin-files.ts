import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface PluginFile {
  /** Path relative to the plugin store, with `/`. */
  file: string;
  form: 'declarative' | 'executable';
}

const description = 'plugin.yaml';

/** Returns the plugin files of the store, in order of their paths; none when the store does not exist. */
export async function findPluginFiles(directory: string): Promise<PluginFile[]> {
  return (await findInFolder(directory, '', 2)).sort((one, other) => (one.file < other.file ? -1 : 1));
}

async function findInFolder(directory: string, folder: string, depth: number): Promise<PluginFile[]> {
  const names = await readdir(join(directory, folder)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT' && folder === '') return [];
    throw error;
  });
  // All other files of the folder belong to the plugin of plugin.yaml.
  if (names.includes(description)) return [{ file: `${folder}${description}`, form: 'declarative' }];
  const found = names
    .filter((name) => !name.startsWith('.'))
    .map(async (name): Promise<PluginFile[]> => {
      const file = `${folder}${name}`;
      const path = join(directory, file);
      // A broken link is ignored.
      const state = await stat(path).catch(() => undefined);
      if (state?.isDirectory()) return depth > 0 ? findInFolder(directory, `${file}/`, depth - 1) : [];
      return state?.isFile() && (await isExecutable(path)) ? [{ file, form: 'executable' }] : [];
    });
  return (await Promise.all(found)).flat();
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
