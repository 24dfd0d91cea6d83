import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownName } from '../files/left-overs.ts';
import { unlessGone } from '../files/unless-gone.ts';

/** In each workspace: the mirrors whose objects its working trees borrow, one path a line. */
const borrowed = 'mirrors';

/** Makes a folder for one build, below `directory`. */
export async function createWorkspace(directory: string, mirrors: readonly string[]): Promise<string> {
  const path = join(directory, ownName());
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(path, borrowed), mirrors.join('\n'));
  return path;
}

/** The mirrors that builds under way need, of whatever process. */
export async function borrowedMirrors(directory: string): Promise<Set<string>> {
  const names = (await unlessGone(readdir(directory))) ?? [];
  const lists = await Promise.all(names.map((name) => unlessGone(readFile(join(directory, name, borrowed), 'utf8'))));
  return new Set(lists.flatMap((list) => list?.split('\n') ?? []));
}
