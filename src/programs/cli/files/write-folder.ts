import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../../model/fault.ts';

/** First line of every exported file. The next export may overwrite or remove files that begin with it. */
const header = '# Written by `brightbird export`: the next export overwrites it.\n';

/** Paths relative to the folder. */
export interface WrittenFiles {
  written: string[];
  unchanged: string[];
  removed: string[];
}

/** Replaces the files of earlier exports in a folder by `files`. Throws conflict when a file that no export wrote is in the way. */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<WrittenFiles> {
  const before = await readExported(folder);
  for (const file of files.keys()) {
    if (before.has(file) || (await read(join(folder, file))) === undefined) continue;
    throw new Fault('conflict', `${join(folder, file)} is in the way: no export wrote it`, {
      hint: 'move it, or export into another folder',
    });
  }
  const written: string[] = [];
  const unchanged: string[] = [];
  for (const [file, text] of files) {
    if (before.get(file) === header + text) {
      unchanged.push(file);
      continue;
    }
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), header + text);
    written.push(file);
  }
  const removed = [...before.keys()].filter((file) => !files.has(file));
  for (const file of removed) await rm(join(folder, file));
  return { written, unchanged, removed };
}

/** Reads the files of earlier exports, by path. */
async function readExported(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const place of ['', 'flows/', 'jobs/']) {
    for (const name of (await list(join(folder, place))).filter((one) => one.endsWith('.yaml')).sort()) {
      const text = await read(join(folder, place, name));
      if (text?.startsWith(header)) files.set(place + name, text);
    }
  }
  return files;
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => ifMissing(error, []));
}

function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => ifMissing(error, undefined));
}

function ifMissing<T>(error: unknown, otherwise: T): T {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EISDIR') return otherwise;
  throw error;
}
