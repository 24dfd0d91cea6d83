export interface CommitInfo {
  sha: string;
  /** `name <address>` */
  author: string;
  /** ISO 8601. */
  at: string;
  subject: string;
}

/** Reads the mirrors of this machine without fetching. */
export interface CommitHistory {
  /** Counts the commits of `to` that are not in `from`, and vice versa; undefined when a commit is not in the mirror. */
  count(repo: string, from: string, to: string): Promise<{ ahead: number; behind: number } | undefined>;
}

/**
 * Git repositories by address. Faults of all methods: repository_refused, repository_not_found, repository_unavailable,
 * ref_invalid, ref_not_found. An abort throws the signal's reason.
 */
export interface Repositories {
  /** Returns the full sha of '' (the default branch's head), a full or abbreviated sha, a branch or a tag. */
  resolve(repo: string, version: string, signal: AbortSignal): Promise<{ commit: string }>;
  /** Returns the newest tag that matches an RE2 pattern, by version order. Throws `ref_not_found` when none does. */
  newestTag(repo: string, pattern: string, signal: AbortSignal): Promise<string>;
  /**
   * Returns the path of a tar file with a folder's files at the commit ('.' for all), including submodules; the caller must
   * delete it. Throws `build_failed` when the folder does not exist.
   */
  archive(repo: string, commit: string, subdirectory: string, signal: AbortSignal): Promise<string>;
  /** Returns the text of a file at the commit, following links; undefined when it does not exist outside submodules. */
  readFile(repo: string, commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** Creates a working tree of the commit with its submodules, in a folder of its own. */
  checkout(repo: string, commit: string, signal: AbortSignal): Promise<Checkout>;
  /** Returns the server's token for the repository's host. */
  tokenOf(repo: string): string | undefined;
  /** Removes stale files of killed workers: working trees, archives, incomplete clones. */
  sweep(): Promise<void>;
  /** See CommitHistory. */
  count(repo: string, from: string, to: string): ReturnType<CommitHistory['count']>;
  /**
   * Returns the first-parent commits from `good` (excluded) to `bad`, oldest first. Throws `input_invalid` when `good` is not
   * an ancestor of `bad`.
   */
  firstParents(repo: string, good: string, bad: string, signal: AbortSignal): Promise<string[]>;
  commitInfo(repo: string, commit: string, signal: AbortSignal): Promise<CommitInfo>;
}

interface Checkout {
  /** Exclusive folder; the sources are in its folder `source`. */
  directory: string;
  remove(): Promise<void>;
}
