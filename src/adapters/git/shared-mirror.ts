import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { CommitInfo } from '../../model/ports/git.ts';
import { archiveCommit } from './archive.ts';
import { checkoutCommit } from './checkout.ts';
import { markUsed } from './evict-mirrors.ts';
import { classifyFailure, repositoryFault } from './git-failure.ts';
import { commitInfo, countAheadBehind, firstParents } from './history.ts';
import { isCloned, type Mirror, removeMirror } from './mirror.ts';
import { newestTag } from './newest-tag.ts';
import { readFileAt } from './read-file.ts';
import { resolveVersion } from './resolve-version.ts';
import { SharedRuns } from './shared-runs.ts';
import { listSubmodules, type Submodule } from './submodules.ts';
import { updateRepo } from './update-repo.ts';

/** The mirror of one repository in this process; concurrent callers share one update. */
export class SharedMirror {
  /** Address without credentials. */
  readonly url: string;
  readonly #mirror: Mirror;
  readonly #log: Logger;
  readonly #updates = new SharedRuns((signal) => this.#update(signal));
  readonly #onUpdate: (cloned: boolean) => void;
  #isBroken = false;
  #clones = 0;
  #users = 0;

  /** Calls `onUpdate` after every fetch, with true when it was a clone. */
  constructor(mirror: Mirror, log: Logger, onUpdate: (cloned: boolean) => void) {
    this.url = mirror.repository.url;
    this.#mirror = mirror;
    this.#log = log;
    this.#onUpdate = onUpdate;
  }

  get gitDir(): string {
    return this.#mirror.gitDir;
  }

  /** Tells whether this process works on the mirror. */
  get isUsed(): boolean {
    return this.#users > 0;
  }

  async resolve(version: string, signal: AbortSignal): Promise<string> {
    return this.#withFaults(signal, () => this.#resolve(version, signal));
  }

  async newestTag(pattern: string, signal: AbortSignal): Promise<string> {
    return this.#withFaults(signal, async () => {
      await this.#updates.run(signal);
      return newestTag(this.#mirror, pattern, signal);
    });
  }

  /** The submodules of a commit; see listSubmodules. */
  async submodules(commit: string, signal: AbortSignal): Promise<Submodule[]> {
    return this.#withCommit(commit, signal, (sha) => listSubmodules(this.#mirror, sha, signal));
  }

  /** Writes a folder of the commit ('' is the root) to a tar file below `directory`; returns its path. */
  async archive(commit: string, folder: string, directory: string, signal: AbortSignal): Promise<string> {
    return this.#withCommit(commit, signal, (sha) => archiveCommit(this.#mirror, sha, folder, directory, signal));
  }

  /** See readFileAt. */
  async readFile(commit: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#withCommit(commit, signal, (sha) => readFileAt(this.#mirror, sha, path, signal));
  }

  /** Checks out the commit into the folder `path`. */
  async checkout(commit: string, path: string, signal: AbortSignal): Promise<void> {
    return this.#withCommit(commit, signal, async (sha) => {
      // An earlier try, or the parent's own checkout, may have left files there.
      await rm(path, { recursive: true, force: true });
      await checkoutCommit(this.#mirror, sha, path, signal);
    });
  }

  /** Runs work that needs a commit. Clones the mirror again when it has the commit but lacks parts of it. */
  async #withCommit<T>(commit: string, signal: AbortSignal, work: (sha: string) => Promise<T>): Promise<T> {
    // The commit may have been resolved by a worker on another machine.
    const run = async (): Promise<T> => work(await this.#resolve(commit, signal));
    return this.#withFaults(signal, async () => {
      const clones = this.#clones;
      try {
        return await run();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Fault || classifyFailure(error) === 'unreachable') throw error;
        if (clones === this.#clones) this.#isBroken = true;
        await this.#updates.run(signal);
        return await run();
      }
    });
  }

  /** See countAheadBehind; nothing is fetched. */
  count(from: string, to: string, signal: AbortSignal): Promise<{ ahead: number; behind: number } | undefined> {
    return countAheadBehind(this.#mirror, from, to, signal);
  }

  /** See firstParents; fetches both commits first. */
  async firstParents(good: string, bad: string, signal: AbortSignal): Promise<string[]> {
    return this.#withFaults(signal, async () => {
      const from = await this.#resolve(good, signal);
      return firstParents(this.#mirror, from, await this.#resolve(bad, signal), signal);
    });
  }

  async commitInfo(commit: string, signal: AbortSignal): Promise<CommitInfo> {
    return this.#withFaults(signal, async () => commitInfo(this.#mirror, await this.#resolve(commit, signal), signal));
  }

  async #resolve(version: string, signal: AbortSignal): Promise<string> {
    return resolveVersion(this.#mirror, version, (updateSignal) => this.#updates.run(updateSignal), signal);
  }

  async #update(signal: AbortSignal): Promise<void> {
    if (this.#isBroken) {
      this.#log.warn({ repo: this.url }, 'the mirror lacks parts of a commit: cloning it again');
      await removeMirror(this.#mirror);
      this.#isBroken = false;
      this.#clones += 1;
    }
    const isClone = !isCloned(this.#mirror);
    await updateRepo(this.#mirror, this.#log, signal);
    this.#onUpdate(isClone);
  }

  /** Converts git's errors to faults; rethrows an abort. */
  async #withFaults<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      await markUsed(this.gitDir);
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Fault ? error : repositoryFault(this.url, error);
    } finally {
      await markUsed(this.gitDir);
      this.#users -= 1;
    }
  }
}
