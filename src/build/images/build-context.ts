import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';

/** Text of a file inside a tar file; undefined when it holds no such regular file. */
export async function readFromTar(tarPath: string, file: string): Promise<string | undefined> {
  const source = createReadStream(tarPath);
  const entries = source.pipe(extract());
  source.on('error', (error) => entries.destroy(error));
  try {
    for await (const entry of entries) {
      if (entry.header.type === 'file' && posix.normalize(entry.header.name) === posix.normalize(file)) {
        return await text(entry);
      }
      entry.resume();
    }
    return undefined;
  } finally {
    source.destroy();
    entries.destroy();
  }
}

/** True when the Dockerfile takes the name of its base image as a build argument. */
export function takesBaseImage(dockerfile: string): boolean {
  return /^[ \t]*ARG[ \t]+(.*[ \t])?BASE_IMAGE([ \t=]|$)/im.test(dockerfile.replaceAll('\r', ''));
}
