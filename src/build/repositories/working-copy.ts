import type { Logger } from 'pino';
import { Fault } from '../../model/fault.ts';
import type { CommitInfo } from '../../model/ports.ts';
import { archiveCommit } from './archive.ts';
import { kindOf, repositoryFault } from './git-failure.ts';
import { commitInfo, countBetween, firstParents } from './history.ts';
import { discard, type Mirror } from './mirror.ts';
import { newestTag } from './newest-tag.ts';
import { resolveVersion } from './resolve-version.ts';
import { SharedRuns } from './shared-runs.ts';
import { updateRepo } from './update-repo.ts';

/** One repository's mirror as this process uses it: one update at a time, shared by all who ask meanwhile. */
export class WorkingCopy {
  /** Its address, without credentials. */
  readonly url: string;
  readonly #mirror: Mirror;
  readonly #log: Logger;
  readonly #updates = new SharedRuns((signal) => this.#update(signal));
  #broken = false;
  #clones = 0;

  constructor(mirror: Mirror, log: Logger) {
    this.url = mirror.repository.url;
    this.#mirror = mirror;
    this.#log = log;
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

  /** A tar file below `directory`. A mirror that cannot give it, though it has the commit, is cloned anew. */
  async archive(commit: string, subdirectory: string, directory: string, signal: AbortSignal): Promise<string> {
    const write = async (): Promise<string> => {
      // The commit may have been resolved by a worker on another machine.
      const sha = await this.#resolve(commit, signal);
      return archiveCommit(this.#mirror, sha, subdirectory, directory, signal);
    };
    return this.#explained(signal, async () => {
      const clones = this.#clones;
      try {
        return await write();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Fault || kindOf(error) === 'unreachable') throw error;
        if (clones === this.#clones) this.#broken = true;
        await this.#updates.run(signal);
        return await write();
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
    await updateRepo(this.#mirror, this.#log, signal);
  }

  /** Turns what git said into a fault; an abort stays what it is. */
  async #explained<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Fault ? error : repositoryFault(this.url, error);
    }
  }
}
