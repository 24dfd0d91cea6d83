import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Repositories } from '../../model/ports/git.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import { removeStaleFiles } from '../files/stale-files.ts';
import { normalizeFolder } from './archive.ts';
import { archiveTrees } from './archive-trees.ts';
import { mirrorOf } from './mirror.ts';
import { createMirrorLimit } from './mirror-limit.ts';
import { SharedMirror } from './shared-mirror.ts';
import { parseTokens, tokenFor } from './tokens.ts';
import { listTrees } from './trees.ts';
import { createWorkspace } from './workspaces.ts';

export interface RepositoriesOptions {
  /** Absolute path of the folder of the mirrors, which are bare repositories. */
  directory: string;
  /** A token for github.com, or `host=token` pairs, comma-separated. */
  token?: string | undefined;
  allowFileUrls: boolean;
  /** Size on disk beyond which the least recently used mirrors are evicted; without it, none is. */
  mirrorLimitBytes?: number | undefined;
  log: Logger;
}

/** Time limit for counting commits. */
const countTimeoutMs = 10_000;

export function createRepositories(options: RepositoriesOptions): Repositories {
  const { directory, token, allowFileUrls, mirrorLimitBytes, log } = options;
  const tokens = parseTokens(token ?? '');
  const mirrors = new Map<string, SharedMirror>();
  const workspaces = join(directory, 'worktrees');
  const worker = `${hostname()}-${process.pid}`;

  const limitMirrors = createMirrorLimit({
    directory,
    worktrees: workspaces,
    limitBytes: mirrorLimitBytes,
    isUsed: (gitDir) => [...mirrors.values()].some((one) => one.isUsed && one.gitDir === gitDir),
    log,
  });

  async function open(repo: string): Promise<SharedMirror> {
    const repository = parseRepositoryUrl(repo, { allowFileUrls });
    await mkdir(directory, { recursive: true });
    const mirror = mirrorOf(directory, repository, tokenFor(tokens, repository));
    const shared = mirrors.get(repository.url) ?? new SharedMirror(mirror, log, limitMirrors);
    mirrors.set(repository.url, shared);
    return shared;
  }

  return {
    async resolve(repo, version, signal) {
      const mirror = await open(repo);
      const commit = await mirror.resolve(version, signal);
      log.info({ repo: mirror.url, version, commit, worker }, `get repo ${mirror.url} commit ${commit} success`);
      return { commit };
    },

    async newestTag(repo, pattern, signal) {
      return (await open(repo)).newestTag(pattern, signal);
    },

    async count(repo, from, to) {
      return (await open(repo)).count(from, to, AbortSignal.timeout(countTimeoutMs));
    },

    async firstParents(repo, good, bad, signal) {
      return (await open(repo)).firstParents(good, bad, signal);
    },

    async commitInfo(repo, commit, signal) {
      return (await open(repo)).commitInfo(commit, signal);
    },

    async archive(repo, commit, subdirectory, signal) {
      const folder = normalizeFolder(subdirectory);
      const root = { mirror: await open(repo), commit, path: '' };
      return archiveTrees(open, root, folder, join(directory, 'archives'), signal);
    },

    async readFile(repo, commit, path, signal) {
      return (await open(repo)).readFile(commit, path, signal);
    },

    async checkout(repo, commit, signal) {
      const trees = await listTrees(open, { mirror: await open(repo), commit, path: '' }, () => true, signal);
      const workspace = await createWorkspace(
        workspaces,
        trees.map(({ mirror }) => mirror.gitDir),
      );
      const remove = (): Promise<void> => rm(workspace, { recursive: true, force: true, maxRetries: 3 });
      try {
        for (const { mirror, commit: sha, path } of trees) {
          await mirror.checkout(sha, join(workspace, 'source', path), signal);
        }
        return { directory: workspace, remove };
      } catch (error) {
        await remove();
        throw error;
      }
    },

    tokenOf: (repo) => tokenFor(tokens, parseRepositoryUrl(repo, { allowFileUrls })),

    async sweep() {
      const archives = join(directory, 'archives');
      const staleFiles = [
        [workspaces, /./],
        [archives, /\.tar$/],
        [directory, /\.git\../],
      ] as const;
      const removed = await Promise.all(staleFiles.map(([folder, pattern]) => removeStaleFiles(folder, pattern)));
      const total = removed.reduce((sum, one) => sum + one, 0);
      if (total > 0)
        log.warn({ removed: total }, 'removed stale working trees, archives and clones of a killed worker');
      limitMirrors(true);
    },
  };
}
