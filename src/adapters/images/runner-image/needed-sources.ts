import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';

export interface NeededSources {
  /** Paths relative to the root, sorted. */
  files: string[];
  /** Names of imported packages. */
  packages: string[];
}

/** `from '…'` and `import('…')` and `import '…'`, but not type-only imports, which do not exist at run time. */
const imports = /^\s*(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Collects all sources that the entries import, directly or not, and the packages that these import. */
export async function findNeededSources(root: string, entries: readonly string[]): Promise<NeededSources> {
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

/** Returns the package of an import: `@scope/name` or `name`. */
function packageName(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
