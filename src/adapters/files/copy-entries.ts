import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract, type Pack } from 'tar-stream';

/** Returns the new name of an entry, or undefined to leave it out. */
export type RenameEntry = (name: string) => string | undefined;

/** Copies the entries of a tar file under new names into another one that is being written. */
export async function copyEntries(tarPath: string, to: Pack, rename: RenameEntry): Promise<void> {
  await copyStream(createReadStream(tarPath), to, rename);
}

/** Copies entries like copyEntries, from a stream. */
export async function copyStream(from: NodeJS.ReadableStream, to: Pack, rename: RenameEntry): Promise<void> {
  const entries = extract();
  const copied = (async () => {
    for await (const entry of entries) {
      const name = rename(entry.header.name);
      if (name === undefined) {
        entry.resume();
        continue;
      }
      // The target of a hard link is a path of the archive too; that of a symbolic link is plain text.
      const linkname = entry.header.type === 'link' ? rename(entry.header.linkname ?? '') : entry.header.linkname;
      const header = { ...entry.header, name, ...(linkname && { linkname }) };
      // PAX headers of the old archive must not override the new names.
      delete (header as { pax?: unknown }).pax;
      if (header.type === 'file') await pipeline(entry, to.entry(header));
      else {
        entry.resume();
        await new Promise<void>((resolve, reject) => {
          to.entry({ ...header, size: 0 }, (error) => (error ? reject(error) : resolve()));
        });
      }
    }
  })();
  copied.catch((error: Error) => entries.destroy(error));
  await Promise.all([pipeline(from, entries as unknown as NodeJS.WritableStream), copied]);
}
