import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { imageName } from '../../model/image-tag.ts';
import { findTextProblem, printable } from '../../model/plain-text.ts';
import { isBuildable, type Plugin, type PluginDef } from '../../model/plugin.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import { checkSchemas, readPluginYaml } from '../checks/run-check.ts';
import { checkTemplates } from './check-templates.ts';
import { checksumOf } from './checksum.ts';
import { findPluginFiles, type PluginFile } from './find-plugin-files.ts';
import { readTemplates } from './read-templates.ts';

const longestYaml = 1_000_000;
const mostValues = 50_000;

/** Asks a program for its `info`; `checksum` is the SHA-256 of its content in hex. */
export type ReadInfo = (path: string, checksum: string) => Promise<PluginDef>;

/** A file of the plugin store that is no plugin that can be used. */
export interface PluginProblem {
  /** Relative to the plugin store. */
  file: string;
  reason: string;
}

export interface ScannedPlugins {
  plugins: Plugin[];
  problems: PluginProblem[];
}

/**
 * Reads the plugin store: folders with a plugin.yaml are declarative deploy plugins, other executable files down to one
 * folder deep are programs. A broken one is a problem of its own and does not keep the others out. Of two files that are the
 * same version of a plugin, the one in `recorded` counts, else the first.
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
  // One after the other: each program that is asked is a container.
  for (const found of files) {
    const { file } = found;
    try {
      const plugin = await readPlugin(directory, found, readInfo);
      checkTemplates(plugin);
      const same = plugins.find(({ name, version }) => name === plugin.name && version === plugin.version);
      if (same) problems.push({ file, reason: `${same.file} is ${plugin.name} ${plugin.version} already` });
      else plugins.push(plugin);
    } catch (error) {
      problems.push({ file, reason: reasonOf(error) });
    }
  }
  return { plugins, problems };
}

/**
 * Returns the plugin that a file is, with its own templates as they are: `checkTemplates` or `tryTemplates` renders them. Throws
 * `plugin_invalid` with the reason when it is none.
 */
export async function readPlugin(directory: string, { file, form }: PluginFile, readInfo: ReadInfo): Promise<Plugin> {
  const path = join(directory, file);
  const checksum = await checksumOf(directory, { file, form });
  const def =
    form === 'declarative' ? await readPluginYaml(await readYamlFile(path), file) : await readInfo(path, checksum);
  const problem = findTextProblem(def, mostValues);
  if (problem)
    throw new Fault('plugin_invalid', `${problem.path || 'its description'}: ${problem.message}`, {
      where: { path: problem.path },
    });
  await checkSchemas(def);
  checkSource(def);
  const templates = form === 'declarative' ? await readTemplates(dirname(path)) : undefined;
  return { ...def, ...(templates && { templates }), form, file, checksum };
}

/** A plugin.yaml is read whole, so its size is looked at first. */
async function readYamlFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > longestYaml) throw new Fault('plugin_invalid', `plugin.yaml has more than ${longestYaml} bytes`);
  return readFile(path, 'utf8');
}

/** What would be refused at its first build, is here. Files on the disk are for the settings of that moment. */
function checkSource(def: PluginDef): void {
  if (!isBuildable(def)) return;
  try {
    parseRepositoryUrl(def.repo, { allowFileUrls: true });
    imageName({ registry: '', imageTarget: def.imageTarget, commit: '' });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('plugin_invalid', error.message, error.hint === undefined ? {} : { hint: error.hint });
  }
}

function reasonOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
