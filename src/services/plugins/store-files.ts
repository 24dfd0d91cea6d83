import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from '../../model/plugin.ts';
import { checksumOf } from './checksum.ts';
import { ending, type PreparedPlugin } from './prepare-upload.ts';
import { openStaging } from './staging.ts';

const uploads = 'uploaded';

/** Where the files of an upload go: a path of their own for each content, so that no program is ever overwritten. */
export function placeOf({ plugin, from }: PreparedPlugin): { path: string; file: string } {
  const stem = `${uploads}/${versionPrefix(plugin)}${plugin.checksum?.slice(0, 12)}`;
  if (plugin.form === 'declarative') return { path: stem, file: `${stem}/plugin.yaml` };
  return { path: `${stem}${ending(from)}`, file: `${stem}${ending(from)}` };
}

function versionPrefix({ name, version }: Pick<Plugin, 'name' | 'version'>): string {
  return `${name}@${version}-`;
}

/** Moves an upload to its place; after a crash at any moment all of it is there, or nothing. */
export async function placeFiles(directory: string, prepared: PreparedPlugin): Promise<void> {
  const { path } = placeOf(prepared);
  await mkdir(join(directory, uploads), { recursive: true });
  // A folder takes the place of none that has files.
  await removePath(directory, path);
  await rename(prepared.from, join(directory, path));
  await sync(join(directory, uploads));
}

/** True when the plugin's files are what was recorded. */
export async function hasFiles(directory: string, { file, form, checksum }: Plugin): Promise<boolean> {
  if (file === undefined || form === 'builtin') return false;
  return (await checksumOf(directory, { file, form }).catch(() => undefined)) === checksum;
}

/** Removes a plugin's files at once; those that are gone are no error. */
export async function removeFiles(directory: string, { file, form }: Plugin): Promise<void> {
  if (file === undefined) return;
  const folder = dirname(file);
  // A plugin.yaml at the top of the store does not make all of the store its own.
  await removePath(directory, form === 'declarative' && folder !== '.' ? folder : file);
}

/** Removes what crashed uploads of a version have left. */
export async function removeLeftOvers(directory: string, plugin: Plugin): Promise<void> {
  const names = await readdir(join(directory, uploads)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept = plugin.file?.split('/')[1];
  const left = names.filter((name) => name.startsWith(versionPrefix(plugin)) && name !== kept);
  for (const name of left) await removePath(directory, `${uploads}/${name}`);
}

/** Out of the store by one rename: half of a folder would be a plugin that is broken. */
async function removePath(directory: string, path: string): Promise<void> {
  const staging = await openStaging(directory);
  try {
    await rename(join(directory, path), join(staging, 'removed'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
