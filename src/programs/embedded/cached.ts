import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import versions from './versions.json' with { type: 'json' };

const launcherSources = new URL('../../../scripts/mongo-java-server/', import.meta.url);

/** Paths of the servers that scripts/setup.mjs downloads or builds; it computes the same names. */
export interface CachedServers {
  temporal: string;
  mongod: string;
  /** The folder with the compiled launcher and its jars. */
  mongoJavaServer: string;
}

export function cachedServerPaths(cache: string): CachedServers {
  const sources = createHash('sha256');
  for (const name of ['pom.xml', 'Launcher.java']) sources.update(readFileSync(new URL(name, launcherSources)));
  return {
    temporal: join(cache, `temporal-${versions.temporal}`, 'temporal'),
    mongod: join(cache, `mongod-${versions.mongod}`, 'mongod'),
    mongoJavaServer: join(cache, `mongo-java-server-${sources.digest('hex').slice(0, 8)}`),
  };
}
