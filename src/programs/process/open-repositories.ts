import { join } from 'node:path';
import type { Logger } from 'pino';
import { createRepositories } from '../../adapters/git/repositories.ts';
import type { Repositories } from '../../model/ports/git.ts';
import type { Config } from '../config.ts';

/** Opens the git mirrors in the data directory. */
export function openRepositories(config: Config, log: Logger): Repositories {
  return createRepositories({
    directory: join(config.BRIGHTBIRD_HOME, 'repositories'),
    token: config.GIT_TOKEN,
    allowFileUrls: config.GIT_ALLOW_FILE_URLS,
    mirrorLimitBytes: config.MIRROR_LIMIT_GB * 1e9,
    log,
  });
}
