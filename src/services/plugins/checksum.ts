import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PluginFile } from './find-plugin-files.ts';

/**
 * Returns the SHA-256 of a plugin in hex: of the file of a program, or of the output of `sha256sum` for all files in
 * the folder of a declarative plugin, in order of their names.
 */
export async function checksumOf(directory: string, { file, form }: PluginFile): Promise<string> {
  const path = join(directory, file);
  if (form === 'executable') return sha256(path);
  const folder = dirname(path);
  const hash = createHash('sha256');
  for (const name of await filesOf(folder)) hash.update(`${await sha256(join(folder, name))}  ${name}\n`);
  return hash.digest('hex');
}

async function filesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => !/(^|\/)\./.test(name)).sort();
  const kept = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).isFile()));
  return names.filter((_, index) => kept[index]);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
