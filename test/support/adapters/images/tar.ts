import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

/** Writes a build context. */
export async function writeTar(path: string, files: Record<string, string>): Promise<string> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
  return path;
}
