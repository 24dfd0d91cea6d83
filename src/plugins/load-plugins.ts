import type { Logger } from 'pino';
import type { PluginStore } from '../model/ports.ts';
import { builtinPlugins } from './builtin-plugins.ts';
import { type ReadInfo, scanPluginStore } from './scan-plugin-store.ts';

/**
 * Makes the recorded plugins equal to the built-in ones and the files of the plugin store. A file that is no plugin, or has
 * the name and version of a built-in one, is reported in the log and left out.
 */
export async function loadPlugins(
  { plugins, log }: { plugins: PluginStore; log: Logger },
  directory: string,
  readInfo: ReadInfo,
): Promise<void> {
  const { plugins: found, problems } = await scanPluginStore(directory, readInfo);
  const isBuiltin = ({ name, version }: { name: string; version: string }): boolean =>
    builtinPlugins.some((builtin) => builtin.name === name && builtin.version === version);
  const taken = found.filter(isBuiltin).map(({ file = '', name, version }) => {
    return { file, reason: `${name} ${version} is built in` };
  });
  for (const problem of [...problems, ...taken]) log.warn(problem, 'a file of the plugin store cannot be used');
  const usable = found.filter((plugin) => !isBuiltin(plugin));
  await plugins.replaceAll([...builtinPlugins, ...usable]);
  log.info({ builtin: builtinPlugins.length, store: usable.length, directory }, 'plugins loaded');
}
