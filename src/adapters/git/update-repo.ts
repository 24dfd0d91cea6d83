import type { Logger } from 'pino';
import { fetchAll } from './fetch-mirror.ts';
import { classifyFailure, repositoryFault } from './git-failure.ts';
import { isIntact, type Mirror, removeMirror } from './mirror.ts';
import { removeStaleLocks } from './stale-locks.ts';

/** A mirror may need two repairs after a killed git: remove its locks, then clone again. */
const maxRepairs = 2;

/**
 * Updates the mirror to the repository's state; repairs or replaces a broken mirror.
 * Faults: repository_not_found, repository_refused, repository_unavailable.
 */
export async function updateRepo(mirror: Mirror, log: Logger, signal: AbortSignal): Promise<void> {
  const repo = mirror.repository.url;
  const started = performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      await fetchAll(mirror, signal);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (tries === maxRepairs || !(await repair(mirror, error, log, signal))) throw repositoryFault(repo, error);
    }
  }
  log.info({ repo, durationMs: Math.round(performance.now() - started) }, `update repo ${repo} to latest`);
}

/** Repairs the mirror after a failure. Returns true when another try may succeed. */
async function repair(mirror: Mirror, error: unknown, log: Logger, signal: AbortSignal): Promise<boolean> {
  const kind = classifyFailure(error);
  if (kind !== 'locked' && kind !== 'unknown') return false;
  const repo = mirror.repository.url;
  const removed = await removeStaleLocks(mirror.gitDir, signal);
  if (removed > 0) {
    log.warn({ repo, removed }, 'removed stale locks of a killed git');
    return true;
  }
  if (await isIntact(mirror, signal)) return kind === 'locked';
  log.warn({ repo }, 'the mirror is broken: cloning it again');
  await removeMirror(mirror);
  return true;
}
