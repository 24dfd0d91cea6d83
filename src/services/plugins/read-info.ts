import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { findSchemaExcess } from '../../language/flow/schema-limits.ts';
import { Fault } from '../../model/fault.ts';
import { type PluginDef, pluginDefSchema } from '../../model/plugin.ts';
import { askProgram } from './ask-program.ts';
import type { ReadInfo } from './scan-plugin-store.ts';

export interface ReadInfoParts {
  docker: Docker;
  /** The runner's image: a program must be able to run in it. */
  image(): Promise<string>;
  /** Folder that keeps what programs have said, by their checksums. */
  cache: string;
}

/** Reads the `info` of programs in a container; a file with a checksum that was asked before is not asked again. */
export function createReadInfo({ docker, image, cache }: ReadInfoParts): ReadInfo {
  return async (path, checksum) => {
    const kept = join(cache, `${checksum}.json`);
    const known = await readFile(kept, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (known !== undefined) return parseInfo(JSON.parse(known));
    const def = parseInfo(await askProgram(docker, await image(), path));
    await mkdir(cache, { recursive: true });
    await writeFile(`${kept}.${process.pid}`, JSON.stringify(def));
    await rename(`${kept}.${process.pid}`, kept);
    return def;

    function parseInfo(info: unknown): PluginDef {
      const parsed = pluginDefSchema.safeParse(plain(info));
      if (!parsed.success) {
        const reason = z.prettifyError(parsed.error).slice(0, 2000);
        throw new Fault('plugin_invalid', `the info of ${basename(path)} is wrong: ${reason}`);
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
 * The original's programs may put more around the version, which only has to contain vX.Y.Z, and write null for a list or a
 * map that they have not.
 */
function plain(info: unknown): unknown {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) return info;
  const said = Object.fromEntries(Object.entries(info).filter(([, value]) => value !== null));
  const [version] = /v\d+\.\d+\.\d+/.exec(String(said.version)) ?? [];
  return version ? { ...said, version } : said;
}
