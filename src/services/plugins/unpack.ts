import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { Fault } from '../../model/fault.ts';
import { entryPath } from './entry-path.ts';

type Entry = ReturnType<Extract[typeof Symbol.asyncIterator]> extends AsyncIterator<infer E> ? E : never;

const maxEntries = 1000;
/** Maximum unpacked size, headers included: a small archive may unpack to a very large one. */
const maxUnpackedMb = 32;

/**
 * Unpacks a tar archive, with or without gzip, into a folder. Throws `plugin_invalid` for an unreadable archive, links,
 * devices, paths outside of the folder, and too many or too large entries.
 */
export async function unpack(archive: string, kind: 'gzip' | 'tar', folder: string): Promise<void> {
  const tar = extract();
  const source = createReadStream(archive);
  // A streamx stream, whose types differ from Node's.
  const sink = tar as unknown as NodeJS.WritableStream;
  const fed =
    kind === 'gzip' ? pipeline(source, createGunzip(), limitSize(), sink) : pipeline(source, limitSize(), sink);
  // Without this a truncated entry would never end.
  const broken = new AbortController();
  fed.catch(() => broken.abort());
  let count = 0;
  try {
    for await (const entry of tar) {
      count += 1;
      if (count > maxEntries) throw new Fault('plugin_invalid', `the archive has more than ${maxEntries} entries`);
      await write(entry, folder, broken.signal);
    }
    await fed;
  } catch (error) {
    tar.destroy();
    const reason = broken.signal.aborted ? await fed.catch((cause: unknown) => cause) : error;
    throw archiveFault(reason);
  }
}

async function write(entry: Entry, folder: string, signal: AbortSignal): Promise<void> {
  const { name, type } = entry.header;
  const path = entryPath(name);
  if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file') {
    throw new Fault('plugin_invalid', `the archive's entry ${JSON.stringify(name)} is a ${type}, not a file or folder`);
  }
  const target = path === undefined ? undefined : join(folder, path);
  if (target === undefined) return void entry.resume();
  await mkdir(type === 'directory' ? target : dirname(target), { recursive: true });
  if (type === 'directory') return void entry.resume();
  const file = createWriteStream(target, { flags: 'wx', mode: 0o644, flush: true });
  await pipeline(entry as unknown as NodeJS.ReadableStream, file, { signal });
}

function limitSize(): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= maxUnpackedMb * 1024 * 1024) done(null, chunk);
      else done(new Fault('plugin_invalid', `the unpacked archive exceeds the limit of ${maxUnpackedMb} MB`));
    },
  });
}

/** Error codes of two files, or a file and a folder, with the same name. */
const clashes = ['EEXIST', 'ENOTDIR', 'EISDIR'];

function archiveFault(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (clashes.includes(code ?? ''))
    return new Fault('plugin_invalid', 'the archive has two entries with the same name');
  if (syscall !== undefined) return error;
  return new Fault('plugin_invalid', `the archive cannot be read: ${message}`, {
    hint: 'it must be a .tar, or a .tar.gz',
    cause: error,
  });
}
