import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, type Issue } from '../../../model/fault.ts';
import type { FileDocument } from './documents.ts';
import { readDocument } from './read-document.ts';

/**
 * Reads the documents of YAML files and of folders, recursively, and their issues. Throws not_found when a file or folder
 * does not exist, or a folder has no YAML files.
 */
export async function readFiles(paths: readonly string[]): Promise<{ documents: FileDocument[]; issues: Issue[] }> {
  const documents: FileDocument[] = [];
  const issues: Issue[] = [];
  for (const path of paths) {
    for (const file of await yamlFiles(path)) {
      for (const part of split(await readFile(file, 'utf8'))) {
        const document = readDocument(file, part, issues);
        if (document) documents.push(document);
      }
    }
  }
  return { documents, issues };
}

async function yamlFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault('not_found', `cannot read ${path}`, { hint: 'give a YAML file or a folder of YAML files', cause });
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path, { recursive: true }))
    .filter((name) => /\.ya?ml$/.test(name) && !/(^|[\\/])(\.|node_modules[\\/])/.test(name))
    .sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new Fault('not_found', `${path} has no YAML files`);
}

/** Splits a file into documents. `---` at the start of a line always begins one, even in a scalar (YAML 1.2, 9.1.2). */
function split(text: string): { text: string; skipped: number }[] {
  let skipped = 0;
  return text.split(/^---(?=[\s]|$)/m).map((part) => {
    const document = { text: part, skipped };
    skipped += part.split('\n').length - 1;
    return document;
  });
}
