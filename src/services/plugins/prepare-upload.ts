import { access, chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import type { Plugin } from '../../model/plugin.ts';
import { isBuiltin } from './builtin-plugins.ts';
import { fileKind } from './file-kind.ts';
import { type ReadInfo, readPlugin } from './scan-plugin-store.ts';
import { unpack } from './unpack.ts';

/** A file as it was received. */
export interface UploadedFile {
  /** As the client names it. */
  name: string;
  path: string;
}

/** A plugin that has only to be moved into the store, once its own templates have been tried. */
export interface PreparedPlugin {
  plugin: Plugin;
  /** Path of its program or of its folder. */
  from: string;
}

/**
 * Finds out which plugin an uploaded file is; `folder` is an empty one of its own. Throws `plugin_invalid` with the reason
 * when it is none, `conflict` when that plugin is built in.
 */
export async function prepareUpload(
  { name, path }: UploadedFile,
  folder: string,
  readInfo: ReadInfo,
): Promise<PreparedPlugin> {
  const kind = await fileKind(path);
  if (kind === 'empty') throw new Fault('plugin_invalid', 'the file is empty');
  if (kind === 'zip') {
    const hint = 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .';
    throw new Fault('plugin_invalid', 'the file is a zip archive, which is not supported', { hint });
  }
  await mkdir(folder);
  const prepared =
    kind === 'program' ? await program(path, name, folder, readInfo) : await unpacked(path, kind, folder, readInfo);
  const { plugin } = prepared;
  if (!isBuiltin(plugin)) return prepared;
  throw new Fault('conflict', `${plugin.name} ${plugin.version} is built in`, { hint: 'give it another name' });
}

/** Keeps the ending of its name, by which interpreters such as Node know what it is. */
async function program(path: string, name: string, folder: string, readInfo: ReadInfo): Promise<PreparedPlugin> {
  const file = `${safe(basename(name, extname(name))) || 'program'}${ending(name)}`;
  const from = join(folder, file);
  await rename(path, from);
  await chmod(from, 0o755);
  return { plugin: await readPlugin(folder, { file, form: 'executable' }, readInfo), from };
}

async function unpacked(
  path: string,
  kind: 'gzip' | 'tar',
  folder: string,
  readInfo: ReadInfo,
): Promise<PreparedPlugin> {
  await unpack(path, kind, folder);
  const from = await folderOf(folder);
  const plugin = await readPlugin(from, { file: 'plugin.yaml', form: 'declarative' }, readInfo);
  return { plugin, from };
}

/** The folder of plugin.yaml: that of the archive, or the only one in it. */
async function folderOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const candidates = [folder, ...(names.length === 1 ? names.map((name) => join(folder, name)) : [])];
  for (const candidate of candidates) {
    const found = await access(join(candidate, 'plugin.yaml')).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  const has = names.length === 0 ? 'nothing' : names.slice(0, 5).join(', ');
  throw new Fault('plugin_invalid', `the archive has no plugin.yaml at its top or in its only folder, but ${has}`, {
    hint: 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .',
  });
}

function safe(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .replace(/^-+/, '')
    .slice(0, 60);
}

/** `.ts` of `check.ts`; '' where there is none that is plain. */
export function ending(name: string): string {
  const found = extname(name);
  return /^\.[A-Za-z0-9]{1,8}$/.test(found) ? found : '';
}
