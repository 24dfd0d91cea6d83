import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, type Mistake } from '../../../model/fault.ts';
import type { FileDocument } from './documents.ts';
import { readDocument } from './read-document.ts';

/**
 * The documents of YAML files and of those in folders, however deep, and their mistakes. Faults: not_found when there is
 * no such file or folder, or no YAML file in it.
 */
export async function readFiles(paths: readonly string[]): Promise<{ documents: FileDocument[]; mistakes: Mistake[] }> {
  const documents: FileDocument[] = [];
  const mistakes: Mistake[] = [];
  for (const path of paths) {
    for (const file of await yamlFiles(path)) {
      for (const part of split(await readFile(file, 'utf8'))) {
        const document = readDocument(file, part, mistakes);
        if (document) documents.push(document);
      }
    }
  }
  return { documents, mistakes };
}

async function yamlFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault('not_found', `${path} cannot be read`, { hint: 'give a YAML file or a folder of them', cause });
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path, { recursive: true }))
    .filter((name) => /\.ya?ml$/.test(name) && !/(^|[\\/])(\.|node_modules[\\/])/.test(name))
    .sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new Fault('not_found', `${path} has no YAML files`);
}

/** The documents of a file. At the start of a line `---` always begins one, even inside of a text (YAML 1.2, 9.1.2). */
function split(text: string): { text: string; skipped: number }[] {
  let skipped = 0;
  return text.split(/^---(?=[\s]|$)/m).map((part) => {
    const document = { text: part, skipped };
    skipped += part.split('\n').length - 1;
    return document;
  });
}
