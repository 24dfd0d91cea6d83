import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract, type Pack } from 'tar-stream';

/** The new name of an entry, or undefined for one that is left out. */
export type Rename = (name: string) => string | undefined;

/** Copies the entries of a tar file into another one that is being written, under new names. */
export async function copyEntries(tarPath: string, to: Pack, rename: Rename): Promise<void> {
  await copyStream(createReadStream(tarPath), to, rename);
}

/** As copyEntries, of a tar file that comes as a stream. */
export async function copyStream(from: NodeJS.ReadableStream, to: Pack, rename: Rename): Promise<void> {
  const entries = extract();
  const copied = (async () => {
    for await (const entry of entries) {
      const name = rename(entry.header.name);
      if (name === undefined) {
        entry.resume();
        continue;
      }
      // Of a hard link, which is a path of the archive too; that of a symbolic link is a text.
      const linkname = entry.header.type === 'link' ? rename(entry.header.linkname ?? '') : entry.header.linkname;
      const header = { ...entry.header, name, ...(linkname && { linkname }) };
      // The names that the old archive had beside its headers must not win over the new ones.
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
