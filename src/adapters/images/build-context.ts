import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';

/** Reads a text file inside a tar file, following symbolic links; returns undefined when there is no such file. */
export async function readFromTar(tarPath: string, file: string): Promise<string | undefined> {
  let name = posix.normalize(file);
  for (let links = 0; links < maxLinks; links += 1) {
    const found = await find(tarPath, name);
    if (typeof found !== 'object') return found;
    name = posix.join(posix.dirname(name), found.link);
  }
  return undefined;
}

/** Limit of symbolic links that lead to each other. */
const maxLinks = 8;

async function find(tarPath: string, name: string): Promise<string | { link: string } | undefined> {
  const source = createReadStream(tarPath);
  const entries = source.pipe(extract());
  source.on('error', (error) => entries.destroy(error));
  try {
    for await (const entry of entries) {
      const { type, linkname } = entry.header;
      if (posix.normalize(entry.header.name) === name) {
        if (type === 'file') return await text(entry);
        if (type === 'symlink') return { link: linkname ?? '' };
      }
      entry.resume();
    }
    return undefined;
  } finally {
    source.destroy();
    entries.destroy();
  }
}
