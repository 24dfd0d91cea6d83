import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../files/ignore-missing.ts';
import { uniqueName } from '../files/stale-files.ts';

/** File in each workspace with the mirrors whose objects its working trees borrow, one path a line. */
const borrowedFile = 'mirrors';

/** Creates a folder for one build below `directory`; returns its path. */
export async function createWorkspace(directory: string, mirrors: readonly string[]): Promise<string> {
  const path = join(directory, uniqueName());
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(path, borrowedFile), mirrors.join('\n'));
  return path;
}

/** Returns the paths of the mirrors that running builds of all processes borrow from. */
export async function listBorrowedMirrors(directory: string): Promise<Set<string>> {
  const names = (await ignoreMissing(readdir(directory))) ?? [];
  const lists = await Promise.all(
    names.map((name) => ignoreMissing(readFile(join(directory, name, borrowedFile), 'utf8'))),
  );
  return new Set(lists.flatMap((list) => list?.split('\n') ?? []));
}
