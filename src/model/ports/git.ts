export interface CommitInfo {
  sha: string;
  /** `name <address>` */
  author: string;
  /** ISO 8601. */
  at: string;
  subject: string;
}

/** What the mirrors of this machine know already; nothing is fetched. */
export interface CommitHistory {
  /** How many commits `to` has that `from` has not, and the other way; undefined where that is not known here. */
  count(repo: string, from: string, to: string): Promise<{ ahead: number; behind: number } | undefined>;
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
   * Path of a tar file with a folder's files at the commit ('.' is the whole) and its submodules', for the caller to use and
   * remove. Throws `build_failed` when there is no such folder.
   */
  archive(repo: string, commit: string, subdirectory: string, signal: AbortSignal): Promise<string>;
  /** Text of a file at the commit, by links too; undefined when the repository itself, without its submodules, has none. */
  readFile(repo: string, commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** A working tree of the commit with its submodules, in a folder that nobody else has. */
  checkout(repo: string, commit: string, signal: AbortSignal): Promise<Checkout>;
  /** The token that the server has for the repository's host. */
  tokenOf(repo: string): string | undefined;
  /** Removes what killed workers left: working trees, archives, half-made clones. */
  sweep(): Promise<void>;
  /** See CommitHistory. */
  count(repo: string, from: string, to: string): ReturnType<CommitHistory['count']>;
  /**
   * The commits from `good` to `bad` by first parents, oldest first, without `good`. Throws `input_invalid` when `good` is not
   * before `bad`.
   */
  firstParents(repo: string, good: string, bad: string, signal: AbortSignal): Promise<string[]>;
  commitInfo(repo: string, commit: string, signal: AbortSignal): Promise<CommitInfo>;
}

interface Checkout {
  /** Folder of this build alone; the sources are in its folder `source`. */
  directory: string;
  remove(): Promise<void>;
}
