import type { Logger } from 'pino';
import { boundMirrors } from './bound-mirrors.ts';
import { SharedRuns } from './shared-runs.ts';

/** Milliseconds between two measurements; a fetch adds little, a clone is measured at once. */
const pause = 60_000;
const forever = new AbortController().signal;

export interface MirrorLimitOptions {
  directory: string;
  /** Folder of the working trees of builds, which borrow from mirrors. */
  worktrees: string;
  /** Bytes on disk; undefined is no limit. */
  limit: number | undefined;
  isUsed(gitDir: string): boolean;
  log: Logger;
}

/** Keeps the mirrors within their limit: told of each fetch and clone, it measures and removes beside the work. */
export function createMirrorLimit(options: MirrorLimitOptions): (cloned: boolean) => void {
  const { directory, worktrees, limit, isUsed, log } = options;
  if (limit === undefined) return () => undefined;
  let measured = 0;
  const runs = new SharedRuns(async () => {
    try {
      const removed = await boundMirrors(directory, worktrees, limit, isUsed);
      if (removed.length > 0) log.info({ removed, limit }, 'removed mirrors that were not used for long');
    } catch (error) {
      log.warn({ err: error }, 'the disk use of mirrors cannot be bounded');
    }
  });
  return (cloned) => {
    if (!cloned && Date.now() - measured < pause) return;
    measured = Date.now();
    void runs.run(forever);
  };
}
