import { open } from 'node:fs/promises';

/** What an uploaded file is by its first bytes; its name says nothing for sure. */
export type FileKind = 'empty' | 'gzip' | 'tar' | 'zip' | 'program';

/** `ustar` in a header of POSIX and GNU tar (pax(1), "ustar Interchange Format"). */
const tarMagic = { at: 257, text: 'ustar' };

/** Anything that is no archive may be a program; whether it can be run is found out by asking it. */
export async function fileKind(path: string): Promise<FileKind> {
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
