import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Repositories } from '../../model/ports/git.ts';
import { parseRepositoryUrl } from '../../model/repository-url.ts';
import { removeLeftOvers } from '../files/left-overs.ts';
import { folderOf } from './archive.ts';
import { archiveTrees } from './archive-trees.ts';
import { mirrorOf } from './mirror.ts';
import { createMirrorLimit } from './mirror-limit.ts';
import { parseTokens, tokenFor } from './tokens.ts';
import { treesOf } from './trees.ts';
import { WorkingCopy } from './working-copy.ts';
import { createWorkspace } from './workspaces.ts';

export interface RepositoriesOptions {
  /** Absolute path of the folder where the mirrors are kept, one bare repository each. */
  directory: string;
  /** A token for github.com, or `host=token` pairs, comma-separated. */
  token?: string | undefined;
  allowFileUrls: boolean;
  /** Bytes on disk beyond which the least recently used mirrors are removed; without it, none is. */
  mirrorLimit?: number | undefined;
  log: Logger;
}

/** Milliseconds in which a mirror has counted. */
const countWithin = 10_000;

export function createRepositories(options: RepositoriesOptions): Repositories {
  const { directory, token, allowFileUrls, mirrorLimit, log } = options;
  const tokens = parseTokens(token ?? '');
  const copies = new Map<string, WorkingCopy>();
  const workspaces = join(directory, 'worktrees');
  const worker = `${hostname()}-${process.pid}`;

  const limitMirrors = createMirrorLimit({
    directory,
    worktrees: workspaces,
    limit: mirrorLimit,
    isUsed: (gitDir) => [...copies.values()].some((copy) => copy.isUsed && copy.gitDir === gitDir),
    log,
  });

  async function open(repo: string): Promise<WorkingCopy> {
    const repository = parseRepositoryUrl(repo, { allowFileUrls });
    await mkdir(directory, { recursive: true });
    const mirror = mirrorOf(directory, repository, tokenFor(tokens, repository));
    const copy = copies.get(repository.url) ?? new WorkingCopy(mirror, log, limitMirrors);
    copies.set(repository.url, copy);
    return copy;
  }

  return {
    async resolve(repo, version, signal) {
      const copy = await open(repo);
      const commit = await copy.resolve(version, signal);
      log.info({ repo: copy.url, version, commit, worker }, `get repo ${copy.url} commit ${commit} success`);
      return { commit };
    },

    async newestTag(repo, pattern, signal) {
      return (await open(repo)).newestTag(pattern, signal);
    },

    async count(repo, from, to) {
      return (await open(repo)).count(from, to, AbortSignal.timeout(countWithin));
    },

    async firstParents(repo, good, bad, signal) {
      return (await open(repo)).firstParents(good, bad, signal);
    },

    async commitInfo(repo, commit, signal) {
      return (await open(repo)).commitInfo(commit, signal);
    },

    async archive(repo, commit, subdirectory, signal) {
      const folder = folderOf(subdirectory);
      const root = { copy: await open(repo), commit, path: '' };
      return archiveTrees(open, root, folder, join(directory, 'archives'), signal);
    },

    async readFile(repo, commit, path, signal) {
      return (await open(repo)).readFile(commit, path, signal);
    },

    async checkout(repo, commit, signal) {
      const trees = await treesOf(open, { copy: await open(repo), commit, path: '' }, () => true, signal);
      const workspace = await createWorkspace(
        workspaces,
        trees.map(({ copy }) => copy.gitDir),
      );
      const remove = (): Promise<void> => rm(workspace, { recursive: true, force: true, maxRetries: 3 });
      try {
        for (const { copy, commit: sha, path } of trees) {
          await copy.checkout(sha, join(workspace, 'source', path), signal);
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
      const places = [
        [workspaces, /./],
        [archives, /\.tar$/],
        [directory, /\.git\../],
      ] as const;
      const removed = await Promise.all(places.map(([folder, pattern]) => removeLeftOvers(folder, pattern)));
      const all = removed.reduce((sum, one) => sum + one, 0);
      if (all > 0) log.warn({ removed: all }, 'removed working trees, archives and clones that a killed worker left');
      limitMirrors(true);
    },
  };
}
