import type { Logger } from 'pino';
import { type Plugin, pluginDefSchema } from '../../model/plugin.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { builtinPlugins, isBuiltin } from './builtin-plugins.ts';
import { type PluginProblem, type ReadInfo, scanPluginStore } from './scan-plugin-store.ts';
import { removeOldStaging } from './staging.ts';

/** How many plugins there are, and which files of the store are none. */
export interface LoadedPlugins {
  builtin: number;
  store: number;
  problems: PluginProblem[];
}

/**
 * Makes the recorded plugins equal to the built-in ones and the files of the plugin store; what is uploaded or deleted
 * meanwhile, by whichever server, stays so. A file that is no plugin, or takes the place of a built-in one, is left out and
 * reported. A program whose content is on record is not asked again.
 */
export async function loadPlugins(
  { plugins, log }: { plugins: PluginStore; log: Logger },
  directory: string,
  readInfo: ReadInfo,
): Promise<LoadedPlugins> {
  await removeOldStaging(directory);
  // Read before the files: what is uploaded has its file before it has a record.
  const before = await plugins.list();
  const recorded = new Set(before.flatMap(({ file }) => file ?? []));
  const { plugins: found, problems } = await scanPluginStore(directory, knownInfo(before, readInfo), recorded);
  const taken = found.filter(isBuiltin).map(({ file = '', name, version }) => {
    return { file, reason: `${name} ${version} is built in` };
  });
  for (const problem of [...problems, ...taken]) log.warn(problem, 'a file of the plugin store cannot be used');
  const usable = found.filter((plugin) => !isBuiltin(plugin));
  await plugins.replaceAll([...builtinPlugins, ...usable], before);
  log.info({ builtin: builtinPlugins.length, store: usable.length, directory }, 'plugins loaded');
  return { builtin: builtinPlugins.length, store: usable.length, problems: [...problems, ...taken] };
}

function knownInfo(before: readonly Plugin[], readInfo: ReadInfo): ReadInfo {
  const known = new Map(
    before.flatMap((plugin) => (plugin.form === 'executable' && plugin.checksum ? [[plugin.checksum, plugin]] : [])),
  );
  return async (path, checksum) => {
    const plugin = known.get(checksum);
    return plugin ? pluginDefSchema.parse(plugin) : readInfo(path, checksum);
  };
}
