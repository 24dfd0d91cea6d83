import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Inputs of the bundle: workflows, the model that they import, and the SDK version in the lockfile. */
const sources = ['workflows', 'src/model', 'package-lock.json'];

/** Returns the path of the workflow bundle. Rebuilds it when a source file has changed. */
export async function workflowBundle(cache: string): Promise<string> {
  const file = join(cache, `workflows-${(await hashSources()).slice(0, 16)}.js`);
  try {
    await access(file);
  } catch {
    await mkdir(cache, { recursive: true });
    const script = fileURLToPath(new URL('make-bundle.ts', import.meta.url));
    await promisify(execFile)(process.execPath, [script, file], { cwd: root });
  }
  return file;
}

async function hashSources(): Promise<string> {
  const digest = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    const names = source.endsWith('.json') ? [''] : await listFiles(path);
    for (const name of names) digest.update(name).update(await readFile(join(path, name)));
  }
  return digest.digest('hex');
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
