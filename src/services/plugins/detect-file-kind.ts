import { open } from 'node:fs/promises';

/** Kind of an uploaded file by its first bytes, as its name is not reliable. */
export type FileKind = 'empty' | 'gzip' | 'tar' | 'zip' | 'program';

/** `ustar` in a header of POSIX and GNU tar (pax(1), "ustar Interchange Format"). */
const tarMagic = { at: 257, text: 'ustar' };

/**
 * Detects the kind of a file. A file that is not an archive counts as a program; running it shows whether it is one.
 */
export async function detectFileKind(path: string): Promise<FileKind> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) return 'empty';
    if (head.readUInt16BE(0) === 0x1f8b) return 'gzip';
    if (head.toString('latin1', 0, 4) === 'PK\x03\x04') return 'zip';
    return head.toString('latin1', tarMagic.at, tarMagic.at + tarMagic.text.length) === tarMagic.text
      ? 'tar'
      : 'program';
  } finally {
    await handle.close();
  }
}
