import { access, chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import type { Plugin } from '../../model/plugin.ts';
import { isBuiltin } from './builtin-plugins.ts';
import { detectFileKind } from './detect-file-kind.ts';
import { type ReadInfo, readPlugin } from './scan-plugin-store.ts';
import { unpack } from './unpack.ts';

/** A received file. */
export interface UploadedFile {
  /** Name from the client. */
  name: string;
  path: string;
}

/** A plugin that is ready to be moved into the store. */
export interface PreparedPlugin {
  plugin: Plugin;
  /** Path of its program or folder. */
  from: string;
}

/**
 * Reads the plugin of an uploaded file; `folder` is an empty folder for it. Throws `plugin_invalid` with the reason
 * when the file is not a valid plugin, `conflict` when the plugin is built in.
 */
export async function prepareUpload(
  { name, path }: UploadedFile,
  folder: string,
  readInfo: ReadInfo,
): Promise<PreparedPlugin> {
  const kind = await detectFileKind(path);
  if (kind === 'empty') throw new Fault('plugin_invalid', 'the file is empty');
  if (kind === 'zip') {
    const hint = 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .';
    throw new Fault('plugin_invalid', 'the file is a zip archive, which is not supported', { hint });
  }
  await mkdir(folder);
  const prepared =
    kind === 'program'
      ? await prepareProgram(path, name, folder, readInfo)
      : await prepareArchive(path, kind, folder, readInfo);
  const { plugin } = prepared;
  if (!isBuiltin(plugin)) return prepared;
  throw new Fault('conflict', `${plugin.name} ${plugin.version} is built in`, { hint: 'give it another name' });
}

/** Moves a program into the folder. Keeps the extension of its name, as interpreters such as Node need it. */
async function prepareProgram(path: string, name: string, folder: string, readInfo: ReadInfo): Promise<PreparedPlugin> {
  const file = `${safeName(basename(name, extname(name))) || 'program'}${safeExtension(name)}`;
  const from = join(folder, file);
  await rename(path, from);
  await chmod(from, 0o755);
  return { plugin: await readPlugin(folder, { file, form: 'executable' }, readInfo), from };
}

async function prepareArchive(
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

/** Returns the folder of plugin.yaml: the top of the archive, or its only folder. */
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
  const content = names.length === 0 ? 'nothing' : names.slice(0, 5).join(', ');
  throw new Fault(
    'plugin_invalid',
    `the archive has no plugin.yaml at its top or in its only folder; it has ${content}`,
    {
      hint: 'pack the folder of plugin.yaml: tar -czf plugin.tar.gz -C <folder> .',
    },
  );
}

function safeName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .replace(/^-+/, '')
    .slice(0, 60);
}

/** Returns the extension of a file name with its dot; '' for none or an unusual one. */
export function safeExtension(name: string): string {
  const found = extname(name);
  return /^\.[A-Za-z0-9]{1,8}$/.test(found) ? found : '';
}
