import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from '../../model/plugin.ts';
import { checksumOf } from './checksum.ts';
import { type PreparedPlugin, safeExtension } from './prepare-upload.ts';
import { openStaging } from './staging.ts';

const uploads = 'uploaded';

/**
 * Returns the target of an uploaded plugin in the store: a path that depends on its content, so that nothing is
 * overwritten.
 */
export function targetPath({ plugin, from }: PreparedPlugin): { path: string; file: string } {
  const stem = `${uploads}/${versionPrefix(plugin)}${plugin.checksum?.slice(0, 12)}`;
  if (plugin.form === 'declarative') return { path: stem, file: `${stem}/plugin.yaml` };
  return { path: `${stem}${safeExtension(from)}`, file: `${stem}${safeExtension(from)}` };
}

function versionPrefix({ name, version }: Pick<Plugin, 'name' | 'version'>): string {
  return `${name}@${version}-`;
}

/** Moves an upload to its target atomically: after a crash all of it is there, or nothing. */
export async function moveFiles(directory: string, prepared: PreparedPlugin): Promise<void> {
  const { path } = targetPath(prepared);
  await mkdir(join(directory, uploads), { recursive: true });
  // A rename cannot replace a folder that has files.
  await removePath(directory, path);
  await rename(prepared.from, join(directory, path));
  await sync(join(directory, uploads));
}

/** Returns true when the files of a plugin have the recorded checksum. */
export async function hasFiles(directory: string, { file, form, checksum }: Plugin): Promise<boolean> {
  if (file === undefined || form === 'builtin') return false;
  return (await checksumOf(directory, { file, form }).catch(() => undefined)) === checksum;
}

/** Removes the files of a plugin atomically; ignores missing files. */
export async function removeFiles(directory: string, { file, form }: Plugin): Promise<void> {
  if (file === undefined) return;
  const folder = dirname(file);
  // For a plugin.yaml at the top of the store, only that file is removed.
  await removePath(directory, form === 'declarative' && folder !== '.' ? folder : file);
}

/** Removes the files that crashed uploads of a version have left. */
export async function removeStaleFiles(directory: string, plugin: Plugin): Promise<void> {
  const names = await readdir(join(directory, uploads)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept = plugin.file?.split('/')[1];
  const stale = names.filter((name) => name.startsWith(versionPrefix(plugin)) && name !== kept);
  for (const name of stale) await removePath(directory, `${uploads}/${name}`);
}

/** Moves a path out of the store by one rename, as a half-removed folder would be a broken plugin. */
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
