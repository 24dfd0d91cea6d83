import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { findSchemaExcess } from '../../language/flow/schema-limits.ts';
import { Fault } from '../../model/fault.ts';
import { type PluginDef, pluginDefSchema } from '../../model/plugin.ts';
import { runProgramInfo } from './run-program-info.ts';
import type { ReadInfo } from './scan-plugin-store.ts';

export interface ReadInfoPorts {
  docker: Docker;
  /** Returns the image of the runner, in which a program must be able to run. */
  image(): Promise<string>;
  /** Folder for the info of programs, by checksum. */
  cacheDirectory: string;
}

/** Creates a reader that runs `info` of a program in a container, unless the info of its checksum is cached. */
export function createReadInfo({ docker, image, cacheDirectory }: ReadInfoPorts): ReadInfo {
  return async (path, checksum) => {
    const cacheFile = join(cacheDirectory, `${checksum}.json`);
    const cached = await readFile(cacheFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (cached !== undefined) return parseInfo(JSON.parse(cached));
    const def = parseInfo(await runProgramInfo(docker, await image(), path));
    await mkdir(cacheDirectory, { recursive: true });
    await writeFile(`${cacheFile}.${process.pid}`, JSON.stringify(def));
    await rename(`${cacheFile}.${process.pid}`, cacheFile);
    return def;

    function parseInfo(info: unknown): PluginDef {
      const parsed = pluginDefSchema.safeParse(normalize(info));
      if (!parsed.success) {
        const reason = z.prettifyError(parsed.error).slice(0, 2000);
        throw new Fault('plugin_invalid', `the info of ${basename(path)} is not valid: ${reason}`);
      }
      for (const name of ['inputSchema', 'outputSchema'] as const) {
        const excess = findSchemaExcess(parsed.data[name]);
        if (excess) throw new Fault('plugin_invalid', `${name}: ${excess}`, { where: { path: name } });
      }
      return parsed.data;
    }
  };
}

/**
 * Normalizes the info of the original's programs: a version that contains vX.Y.Z becomes that, and null for a missing
 * list or map is removed.
 */
function normalize(info: unknown): unknown {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) return info;
  const fields = Object.fromEntries(Object.entries(info).filter(([, value]) => value !== null));
  const [version] = /v\d+\.\d+\.\d+/.exec(String(fields.version)) ?? [];
  return version ? { ...fields, version } : fields;
}
