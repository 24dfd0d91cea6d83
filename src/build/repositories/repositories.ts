import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CommitHistory, CommitInfo } from '../../model/ports.ts';
import { mirrorOf } from './mirror.ts';
import { parseRepositoryUrl } from './repository-url.ts';
import { parseTokens, tokenFor } from './tokens.ts';
import { WorkingCopy } from './working-copy.ts';

export interface RepositoriesOptions {
  /** Absolute path of the folder where the mirrors are kept, one bare repository each. */
  directory: string;
  /** A token for github.com, or `host=token` pairs, comma-separated. */
  token?: string | undefined;
  allowFileUrls: boolean;
  log: Logger;
}

/**
 * Git repositories by their addresses. Faults of both: repository_refused, repository_not_found, repository_unavailable,
 * ref_invalid, ref_not_found. An abort throws the signal's reason.
 */
export interface Repositories {
  /** The full sha of '' (the default branch's head), a full or abbreviated sha, a branch or a tag. */
  resolve(repo: string, version: string, signal: AbortSignal): Promise<{ commit: string }>;
  /** The newest tag that an RE2 pattern matches, by version order; `ref_not_found` when none does. */
  newestTag(repo: string, pattern: string, signal: AbortSignal): Promise<string>;
  /**
   * Path of a tar file with a folder's files at the commit ('.' is the whole), for the caller to use and remove.
   * Throws `build_failed` when there is no such folder.
   */
  archive(repo: string, commit: string, subdirectory: string, signal: AbortSignal): Promise<string>;
  /** See CommitHistory. */
  count(repo: string, from: string, to: string): ReturnType<CommitHistory['count']>;
  /**
   * The commits from `good` to `bad` by first parents, oldest first, without `good`. Throws `input_invalid` when `good` is not
   * before `bad`.
   */
  firstParents(repo: string, good: string, bad: string, signal: AbortSignal): Promise<string[]>;
  commitInfo(repo: string, commit: string, signal: AbortSignal): Promise<CommitInfo>;
}

/** Milliseconds in which a mirror has counted. */
const countWithin = 10_000;

export function createRepositories({ directory, token, allowFileUrls, log }: RepositoriesOptions): Repositories {
  const tokens = parseTokens(token ?? '');
  const copies = new Map<string, WorkingCopy>();
  const worker = `${hostname()}-${process.pid}`;

  async function open(repo: string): Promise<WorkingCopy> {
    const repository = parseRepositoryUrl(repo, { allowFileUrls });
    await mkdir(directory, { recursive: true });
    const copy =
      copies.get(repository.url) ?? new WorkingCopy(mirrorOf(directory, repository, tokenFor(tokens, repository)), log);
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
      const copy = await open(repo);
      return copy.archive(commit, subdirectory, join(directory, 'archives'), signal);
    },
  };
}
