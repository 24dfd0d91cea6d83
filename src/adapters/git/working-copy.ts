import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { CommitInfo } from '../../model/ports/git.ts';
import { archiveCommit } from './archive.ts';
import { markUsed } from './bound-mirrors.ts';
import { checkoutCommit } from './checkout.ts';
import { kindOf, repositoryFault } from './git-failure.ts';
import { commitInfo, countBetween, firstParents } from './history.ts';
import { discard, isThere, type Mirror } from './mirror.ts';
import { newestTag } from './newest-tag.ts';
import { readFileAt } from './read-file.ts';
import { resolveVersion } from './resolve-version.ts';
import { SharedRuns } from './shared-runs.ts';
import { listSubmodules, type Submodule } from './submodules.ts';
import { updateRepo } from './update-repo.ts';

/** One repository's mirror as this process uses it: one update at a time, shared by all who ask meanwhile. */
export class WorkingCopy {
  /** Its address, without credentials. */
  readonly url: string;
  readonly #mirror: Mirror;
  readonly #log: Logger;
  readonly #updates = new SharedRuns((signal) => this.#update(signal));
  readonly #onUpdate: (cloned: boolean) => void;
  #broken = false;
  #clones = 0;
  #users = 0;

  /** `onUpdate` is told of every fetch, and of each that was a clone. */
  constructor(mirror: Mirror, log: Logger, onUpdate: (cloned: boolean) => void) {
    this.url = mirror.repository.url;
    this.#mirror = mirror;
    this.#log = log;
    this.#onUpdate = onUpdate;
  }

  get gitDir(): string {
    return this.#mirror.gitDir;
  }

  /** Somebody in this process works on the mirror. */
  get isUsed(): boolean {
    return this.#users > 0;
  }

  async resolve(version: string, signal: AbortSignal): Promise<string> {
    return this.#explained(signal, () => this.#resolve(version, signal));
  }

  async newestTag(pattern: string, signal: AbortSignal): Promise<string> {
    return this.#explained(signal, async () => {
      await this.#updates.run(signal);
      return newestTag(this.#mirror, pattern, signal);
    });
  }

  /** The submodules of a commit; see listSubmodules. */
  async submodules(commit: string, signal: AbortSignal): Promise<Submodule[]> {
    return this.#withCommit(commit, signal, (sha) => listSubmodules(this.#mirror, sha, signal));
  }

  /** A tar file below `directory` of a folder of the commit; '' is the root. */
  async archive(commit: string, folder: string, directory: string, signal: AbortSignal): Promise<string> {
    return this.#withCommit(commit, signal, (sha) => archiveCommit(this.#mirror, sha, folder, directory, signal));
  }

  /** See readFileAt. */
  async readFile(commit: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#withCommit(commit, signal, (sha) => readFileAt(this.#mirror, sha, path, signal));
  }

  /** A working tree of the commit in the folder `path`. */
  async checkout(commit: string, path: string, signal: AbortSignal): Promise<void> {
    return this.#withCommit(commit, signal, async (sha) => {
      // What an earlier try, or the parent's own checkout, left there.
      await rm(path, { recursive: true, force: true });
      await checkoutCommit(this.#mirror, sha, path, signal);
    });
  }

  /** Does what needs a commit. A mirror that cannot give it, though it has the commit, is cloned anew. */
  async #withCommit<T>(commit: string, signal: AbortSignal, work: (sha: string) => Promise<T>): Promise<T> {
    // The commit may have been resolved by a worker on another machine.
    const run = async (): Promise<T> => work(await this.#resolve(commit, signal));
    return this.#explained(signal, async () => {
      const clones = this.#clones;
      try {
        return await run();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Fault || kindOf(error) === 'unreachable') throw error;
        if (clones === this.#clones) this.#broken = true;
        await this.#updates.run(signal);
        return await run();
      }
    });
  }

  /** See countBetween; nothing is fetched. */
  count(from: string, to: string, signal: AbortSignal): Promise<{ ahead: number; behind: number } | undefined> {
    return countBetween(this.#mirror, from, to, signal);
  }

  /** See firstParents, with both commits fetched first. */
  async firstParents(good: string, bad: string, signal: AbortSignal): Promise<string[]> {
    return this.#explained(signal, async () => {
      const from = await this.#resolve(good, signal);
      return firstParents(this.#mirror, from, await this.#resolve(bad, signal), signal);
    });
  }

  async commitInfo(commit: string, signal: AbortSignal): Promise<CommitInfo> {
    return this.#explained(signal, async () => commitInfo(this.#mirror, await this.#resolve(commit, signal), signal));
  }

  async #resolve(version: string, signal: AbortSignal): Promise<string> {
    return resolveVersion(this.#mirror, version, (waiting) => this.#updates.run(waiting), signal);
  }

  async #update(signal: AbortSignal): Promise<void> {
    if (this.#broken) {
      this.#log.warn({ repo: this.url }, 'the mirror lacks parts of a commit and is cloned anew');
      await discard(this.#mirror);
      this.#broken = false;
      this.#clones += 1;
    }
    const isClone = !isThere(this.#mirror);
    await updateRepo(this.#mirror, this.#log, signal);
    this.#onUpdate(isClone);
  }

  /** Turns what git said into a fault; an abort stays what it is. */
  async #explained<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
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
