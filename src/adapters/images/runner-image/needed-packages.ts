import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/**
 * Returns the folders of the packages and their dependencies, relative to the root; optional dependencies are left out, as they
 * are native addons. Resolves like Node: the nearest node_modules above the importing package.
 */
export async function findNeededPackages(root: string, names: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (name: string, from: string): Promise<void> => {
    const { folder, manifest } = await locate(root, name, from);
    if (found.has(folder)) return;
    found.add(folder);
    const optional = Object.keys(manifest.optionalDependencies ?? {});
    const needed = Object.keys(manifest.dependencies ?? {}).filter((one) => !optional.includes(one));
    for (const dependency of needed) await visit(dependency, folder);
  };
  for (const name of names) await visit(name, '.');
  return [...found].sort();
}

async function locate(root: string, name: string, from: string): Promise<{ folder: string; manifest: Manifest }> {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    try {
      return { folder, manifest: JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (at === '.') throw new Error(`package ${name} is not installed; ${from} depends on it`);
  }
}
