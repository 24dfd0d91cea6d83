import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { imageReference } from '../../model/image-tag.ts';
import { findTextProblem, printable } from '../../model/plain-text.ts';
import { isBuildable, type Plugin, type PluginDef } from '../../model/plugin.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import { checkSchemas, readPluginYaml } from '../checks/run-check.ts';
import { checkTemplates } from './check-templates.ts';
import { checksumOf } from './checksum.ts';
import { findPluginFiles, type PluginFile } from './find-plugin-files.ts';
import { readTemplates } from './read-templates.ts';

const maxYamlBytes = 1_000_000;
const maxValues = 50_000;

/** Reads the `info` of a program; `checksum` is the SHA-256 of its content in hex. */
export type ReadInfo = (path: string, checksum: string) => Promise<PluginDef>;

/** A file of the plugin store that cannot be used as a plugin. */
export interface PluginProblem {
  /** Path relative to the plugin store. */
  file: string;
  reason: string;
}

export interface ScannedPlugins {
  plugins: Plugin[];
  problems: PluginProblem[];
}

/**
 * Reads the plugin store: folders with a plugin.yaml are declarative deploy plugins, other executable files at the top
 * or one folder deep are programs. Reports a broken plugin as a problem and goes on. Of two files with the same version
 * of a plugin, uses the one in `recorded`, else the first.
 */
export async function scanPluginStore(
  directory: string,
  readInfo: ReadInfo,
  recorded: ReadonlySet<string> = new Set(),
): Promise<ScannedPlugins> {
  const plugins: Plugin[] = [];
  const problems: PluginProblem[] = [];
  const isRecorded = ({ file }: PluginFile): number => (recorded.has(file) ? 1 : 0);
  const files = (await findPluginFiles(directory)).sort((one, other) => isRecorded(other) - isRecorded(one));
  // One after the other, as each program runs in a container.
  for (const found of files) {
    const { file } = found;
    try {
      const plugin = await readPlugin(directory, found, readInfo);
      checkTemplates(plugin);
      const same = plugins.find(({ name, version }) => name === plugin.name && version === plugin.version);
      if (same) problems.push({ file, reason: `${same.file} already provides ${plugin.name} ${plugin.version}` });
      else plugins.push(plugin);
    } catch (error) {
      problems.push({ file, reason: reasonOf(error) });
    }
  }
  return { plugins, problems };
}

/**
 * Reads the plugin of a file, with its templates, which `checkTemplates` or `dryRunTemplates` renders. Throws
 * `plugin_invalid` with the reason when the file is not a valid plugin.
 */
export async function readPlugin(directory: string, { file, form }: PluginFile, readInfo: ReadInfo): Promise<Plugin> {
  const path = join(directory, file);
  const checksum = await checksumOf(directory, { file, form });
  const def =
    form === 'declarative' ? await readPluginYaml(await readYamlFile(path), file) : await readInfo(path, checksum);
  const problem = findTextProblem(def, maxValues);
  if (problem)
    throw new Fault('plugin_invalid', `${problem.path || 'its description'}: ${problem.message}`, {
      where: { path: problem.path },
    });
  await checkSchemas(def);
  checkSource(def);
  const templates = form === 'declarative' ? await readTemplates(dirname(path)) : undefined;
  return { ...def, ...(templates && { templates }), form, file, checksum };
}

/** Reads a plugin.yaml whole, after a check of its size. */
async function readYamlFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > maxYamlBytes) throw new Fault('plugin_invalid', `plugin.yaml has more than ${maxYamlBytes} bytes`);
  return readFile(path, 'utf8');
}

/** Checks what the first build would refuse. Whether `file:` URLs are allowed depends on the settings at that time. */
function checkSource(def: PluginDef): void {
  if (!isBuildable(def)) return;
  try {
    parseRepositoryUrl(def.repo, { allowFileUrls: true });
    imageReference({ registry: '', imageTarget: def.imageTarget, commit: '' });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('plugin_invalid', error.message, { hint: error.hint });
  }
}

function reasonOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
