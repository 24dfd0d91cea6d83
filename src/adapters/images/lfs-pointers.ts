import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { IsIgnored } from './ignored-files.ts';

/** A pointer file of Git LFS is shorter than 1,024 bytes and begins so (git-lfs, docs/spec.md). */
const pointer = /^version https:\/\/(git-lfs|hawser)\.github\.com\/spec\/.*\n(ext-.*\n)*oid sha256:[0-9a-f]{64}\n/;
const maxSizeBytes = 1024;
/** Limit of the names in a message; the others are counted. */
const maxNames = 5;

/** Finds the files of a build context that are Git LFS pointers; returns their names. */
export async function findLfsPointers(tarPath: string, isIgnored: IsIgnored | undefined): Promise<string[]> {
  const source = createReadStream(tarPath);
  const entries = source.pipe(extract());
  source.on('error', (error) => entries.destroy(error));
  const found: string[] = [];
  for await (const entry of entries) {
    const { name, type, size = 0 } = entry.header;
    if (type === 'file' && size > 0 && size < maxSizeBytes && !isIgnored?.(name)) {
      if (pointer.test(await text(entry))) found.push(name);
    } else entry.resume();
  }
  return found;
}

/** Returns a warning about LFS pointers with a remedy; undefined without any. */
export function describeLfsPointers(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const others = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  return (
    `Git LFS files are not fetched; the build gets their pointers: ${names.slice(0, maxNames).join(', ')}${others}. ` +
    'Fetch them in build.script (git lfs pull), or add them to .dockerignore if the image does not need them.'
  );
}
