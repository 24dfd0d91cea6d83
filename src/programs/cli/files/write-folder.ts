import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../../model/fault.ts';

/** The first line of every file of an export: what begins so may be overwritten and removed by the next one. */
const header = '# Written by `brightbird export`: the next export writes it anew.\n';

/** Files by what became of them, with their paths inside the folder. */
export interface WrittenFiles {
  written: string[];
  unchanged: string[];
  removed: string[];
}

/** Makes the files of earlier exports in a folder equal to `files`. Faults: conflict when a file is in the way that no export wrote. */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<WrittenFiles> {
  const before = await exported(folder);
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

/** Texts of the files that exports wrote, by path. */
async function exported(folder: string): Promise<Map<string, string>> {
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
