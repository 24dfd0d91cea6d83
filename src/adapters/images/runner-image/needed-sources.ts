import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';

export interface NeededSources {
  /** Paths relative to the root, in order. */
  files: string[];
  /** Names of the packages that they import. */
  packages: string[];
}

/** `from '…'` and `import('…')` and `import '…'`, but not imports of types alone, which are gone when the code runs. */
const imports = /^\s*(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** All sources that the entries import, however far, and the packages that these import. */
export async function neededSources(root: string, entries: readonly string[]): Promise<NeededSources> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (files.has(file)) return;
    files.add(file);
    const text = await readFile(join(root, file), 'utf8');
    for (const match of text.matchAll(imports)) {
      const target = match[1] ?? match[2] ?? '';
      if (target.startsWith('.')) await visit(relative(root, join(root, dirname(file), target)));
      else if (!target.startsWith('node:') && !builtinModules.includes(target)) packages.add(packageName(target));
    }
  };
  for (const entry of entries) await visit(entry);
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** `@scope/name` or `name` of what an import names. */
function packageName(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
