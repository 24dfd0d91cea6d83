import type { Logger } from 'pino';
import { evictMirrors } from './evict-mirrors.ts';
import { SharedRuns } from './shared-runs.ts';

/** Time between two measurements; a fetch adds little, a clone is measured at once. */
const measurePauseMs = 60_000;
const neverAborted = new AbortController().signal;

export interface MirrorLimitOptions {
  directory: string;
  /** Folder of the working trees of builds, which borrow objects from mirrors. */
  worktrees: string;
  /** Limit on disk; undefined means no limit. */
  limitBytes: number | undefined;
  isUsed(gitDir: string): boolean;
  log: Logger;
}

/** Returns a function that is called after each fetch and clone: it evicts mirrors beyond the limit in the background. */
export function createMirrorLimit(options: MirrorLimitOptions): (cloned: boolean) => void {
  const { directory, worktrees, limitBytes, isUsed, log } = options;
  if (limitBytes === undefined) return () => undefined;
  let measuredAt = 0;
  const runs = new SharedRuns(async () => {
    try {
      const removed = await evictMirrors(directory, worktrees, limitBytes, isUsed);
      if (removed.length > 0) log.info({ removed, limitBytes }, 'evicted the least recently used mirrors');
    } catch (error) {
      log.warn({ err: error }, 'cannot limit the disk use of mirrors');
    }
  });
  return (cloned) => {
    if (!cloned && Date.now() - measuredAt < measurePauseMs) return;
    measuredAt = Date.now();
    void runs.run(neverAborted);
  };
}
