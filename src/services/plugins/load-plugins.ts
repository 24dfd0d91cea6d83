import type { Logger } from 'pino';
import { type Plugin, pluginDefSchema } from '../../model/plugin.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import { builtinPlugins, isBuiltin } from './builtin-plugins.ts';
import { type PluginProblem, type ReadInfo, scanPluginStore } from './scan-plugin-store.ts';
import { removeOldStaging } from './staging.ts';

/** Numbers of the plugins, and the files of the store that cannot be used. */
export interface LoadedPlugins {
  builtin: number;
  store: number;
  problems: PluginProblem[];
}

/**
 * Replaces the recorded plugins by the built-in ones and those of the plugin store, and keeps concurrent uploads and
 * deletions of any server. Reports a file that is not a valid plugin or has the name of a built-in one. Does not run a
 * program whose checksum is on record.
 */
export async function loadPlugins(
  { plugins, log }: { plugins: PluginStore; log: Logger },
  directory: string,
  readInfo: ReadInfo,
): Promise<LoadedPlugins> {
  await removeOldStaging(directory);
  // Read before the files: an upload places its file before its record.
  const before = await plugins.list();
  const recorded = new Set(before.flatMap(({ file }) => file ?? []));
  const { plugins: found, problems } = await scanPluginStore(directory, withKnownInfo(before, readInfo), recorded);
  const shadowed = found.filter(isBuiltin).map(({ file = '', name, version }) => {
    return { file, reason: `${name} ${version} is built in` };
  });
  for (const problem of [...problems, ...shadowed]) log.warn(problem, 'cannot use a file of the plugin store');
  const usable = found.filter((plugin) => !isBuiltin(plugin));
  await plugins.replaceAll([...builtinPlugins, ...usable], before);
  log.info({ builtin: builtinPlugins.length, store: usable.length, directory }, 'plugins loaded');
  return { builtin: builtinPlugins.length, store: usable.length, problems: [...problems, ...shadowed] };
}

/** Returns `readInfo` with the recorded plugins as its cache, by checksum. */
function withKnownInfo(before: readonly Plugin[], readInfo: ReadInfo): ReadInfo {
  const known = new Map(
    before.flatMap((plugin) => (plugin.form === 'executable' && plugin.checksum ? [[plugin.checksum, plugin]] : [])),
  );
  return async (path, checksum) => {
    const plugin = known.get(checksum);
    return plugin ? pluginDefSchema.parse(plugin) : readInfo(path, checksum);
  };
}
